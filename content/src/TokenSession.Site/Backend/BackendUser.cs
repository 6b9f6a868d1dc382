using System.Text.Json;
using System.Text.Json.Serialization;

namespace TokenSessionSite.Backend;

/// <summary>The signed-in user. A property is null if the backend does not send it. The id is a text or a number, with the name <c>id</c>
/// or, as in OpenID Connect, <c>sub</c>.</summary>
public sealed record BackendUser(
    [property: JsonPropertyName("id"), JsonConverter(typeof(TextOrNumberConverter))] string? Id,
    [property: JsonPropertyName("email")] string? Email
)
{
    [JsonInclude, JsonPropertyName("sub"), JsonConverter(typeof(TextOrNumberConverter))]
    private string? Subject
    {
        init => Id ??= value;
    }
}

/// <summary>Reads a text or a number as a text. Many backends use a number for an id.</summary>
internal sealed class TextOrNumberConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonElement.ParseValue(ref reader).ToString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
