using System.Text.Json;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>An error response of the backend: a text, or JSON with a word that names the reason, such as <c>{ "error": "invalid_grant"
/// }</c> (RFC 6749, 5.2).</summary>
public static class ErrorResponse
{
    // The places of the word, in snake case or in camel case. A dot leads into an object. The first place with a text counts. Add the place
    // of your API.
    private static readonly string[] Places = ["error_code", "code", "error.code", "error", "error.message", "message", "detail"];

    /// <summary>Returns the word in lower case; null if there is none.</summary>
    public static string? Word(string body)
    {
        try
        {
            var json = JsonElement.Parse(body);
            var word = json.AsText() ?? Places.Select(place => Find(json, place).AsText()).FirstOrDefault(text => text is not null);
            return word?.ToLowerInvariant();
        }
        catch (JsonException)
        {
            return body.Trim() is { Length: > 0 } text ? text.ToLowerInvariant() : null;
        }
    }

    private static JsonElement Find(JsonElement json, string place) =>
        place
            .Split('.')
            .Aggregate(
                json,
                (value, name) =>
                    value.ValueKind is JsonValueKind.Object
                        ? value.EnumerateObject().FirstOrDefault(field => TokenResponse.IsSameName(field.Name, name)).Value
                        : default
            );
}
