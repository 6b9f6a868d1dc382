using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Reads the responses of the backend. All adapters use these methods.</summary>
internal static class ApiResponseExtensions
{
    private const int MaxDescription = 300;

    private static readonly string[] ErrorNames = ["error", "error_code", "code", "name", "title", "detail", "message"];

    /// <summary>Converts a response to a result: tokens, a refusal, or an outage.</summary>
    /// <param name="response">The response to a sign-in or a refresh.</param>
    /// <param name="refusalOf">Returns what a 4xx status code with this word of the body means (<see cref="ErrorResponse"/>); null: the
    /// adapter does not recognize it. It is not called for an HTML page, because a firewall or a proxy sent the page, and not the
    /// API.</param>
    /// <param name="clock">The clock from which the lifetime of the access token counts.</param>
    /// <param name="refreshToken">The refresh token that was exchanged. It stays valid if the response contains no other.</param>
    public static AuthResult ToAuthResult(
        this IApiResponse<TokenResponse> response,
        Func<int, string?, RejectionReason?> refusalOf,
        SessionClock clock,
        string? refreshToken = null
    ) => response.ToAuthResult(clock, refreshToken, status => refusalOf(status, ErrorResponse.Word(ErrorText(response) ?? "")));

    /// <summary>Converts a response of an API whose error responses have their own type.</summary>
    public static AuthResult ToAuthResult<TError>(
        this IApiResponse<TokenResponse> response,
        Func<int, TError?, RejectionReason?> refusalOf,
        SessionClock clock,
        string? refreshToken = null
    )
        where TError : class => response.ToAuthResult(clock, refreshToken, status => refusalOf(status, response.ErrorBody<TError>()));

    /// <summary>Whether the backend answered 404 at this path. At the path of the user, it means that the user was deleted.</summary>
    public static bool IsNotFoundAt(this HttpResponseMessage response, string path) =>
        response.StatusCode is HttpStatusCode.NotFound
        && response.RequestMessage?.RequestUri?.AbsolutePath.EndsWith(path, StringComparison.Ordinal) is true;

    private static AuthResult ToAuthResult(
        this IApiResponse<TokenResponse> response,
        SessionClock clock,
        string? refreshToken,
        Func<int, RejectionReason?> refusalOf
    )
    {
        if (response.NetworkFailure() is { } failure)
        {
            return failure;
        }

        var (status, wait) = ((int)response.StatusCode!, response.Headers?.RetryAfter.ToDelay(clock));
        if (response.IsSuccessStatusCode && !response.IsHtml())
        {
            var (tokens, problem) = response.Content?.Read(clock.GetUtcNow(), refreshToken) ?? (null, "the body is not a JSON object");
            var isSignIn = refreshToken is null;
            return tokens is not null ? new AuthResult.Succeeded(tokens)
                : isSignIn && response.Content is not null ? new AuthResult.Unrecognized($"{response.Describe()}, but {problem}")
                : new AuthResult.Unavailable($"{response.Describe()}, but {problem}", OutcomeUnknown: true, Exception: response.Error);
        }

        if (status is < 400 or >= 500 or 408 or 425 || response.IsHtml())
        {
            return new AuthResult.Unavailable(response.Describe(), wait);
        }

        return refusalOf(status) is { } reason ? new AuthResult.Rejected(reason, wait)
            : status is 429 ? new AuthResult.Unavailable(response.Describe(), wait)
            : new AuthResult.Unrecognized(response.Describe());
    }

    /// <summary>Returns why no answer arrived; null if an answer arrived.</summary>
    internal static AuthResult.Unavailable? NetworkFailure(this IApiResponse response)
    {
        if (response.IsReceived)
        {
            return null;
        }

        var failure =
            (response.Error is { } exception ? AuthResult.FromNetworkFailure(exception) : null)
            ?? new AuthResult.Unavailable("no answer", OutcomeUnknown: true, Exception: response.Error);
        return failure with { Reason = $"{failure.Reason} ({CallOf(response)})" };
    }

    /// <summary>Describes the call, the status and the names in the answer, for the log. A value is included only if its field names an
    /// error and the value consists of words.</summary>
    internal static string Describe(this IApiResponse response)
    {
        var type = response.ContentHeaders?.ContentType?.MediaType ?? "no body";
        var names = NamesIn(response.ErrorBody<JsonNode>());
        var content = names is "" ? Quoted(ErrorText(response)?.Trim()) : " with " + names;
        var description = $"{CallOf(response)} answered {(int)response.StatusCode!} ({type}){content}";
        return description.Length <= MaxDescription ? description : description[..MaxDescription] + "...";
    }

    private static string NamesIn(JsonNode? node) =>
        node switch
        {
            JsonArray { Count: > 0 } list => NamesIn(list[0]),
            JsonObject fields => string.Join(", ", fields.Select(field => Printable(field.Key) + ValueOf(field.Key, field.Value))),
            _ => "",
        };

    private static string ValueOf(string name, JsonNode? value) =>
        value is JsonValue text && text.TryGetValue(out string? words)
            ? ErrorNames.Contains(name) && words.Length <= 80 && words.All(IsInWords)
                ? $" \"{words}\""
                : ""
            : NamesIn(value) is { Length: > 0 } names
                ? $" ({names})"
                : "";

    private static string Quoted(string? words) => words is { Length: > 0 and <= 80 } && words.All(IsInWords) ? $" \"{words}\"" : "";

    private static string Printable(string name) => string.Concat(name.Where(character => !char.IsControl(character)));

    private static bool IsInWords(char character) => char.IsLetter(character) || " _-.,:'".Contains(character, StringComparison.Ordinal);

    private static string CallOf(IApiResponse response) =>
        $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath}";

    /// <summary>Reads the body of an error response. Returns null if it is not JSON of this type.</summary>
    internal static T? ErrorBody<T>(this IApiResponse response)
        where T : class
    {
        try
        {
            return ErrorText(response) is { Length: > 0 } body ? JsonSerializer.Deserialize<T>(body, JsonSerializerOptions.Web) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string? ErrorText(IApiResponse response) => (response.Error as ApiException)?.Content;

    internal static bool IsHtml(this IApiResponse response) =>
        response.ContentHeaders?.ContentType?.MediaType?.Contains("html", StringComparison.OrdinalIgnoreCase) is true
        || ErrorText(response)?.TrimStart().StartsWith('<') is true;
}
