using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>The adapter of Directus, tested with 11.17 and 12.4.</summary>
public sealed class DirectusBackend(IDirectusAuthApi api, SessionClock clock) : IAuthBackend
{
    public async Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
    {
        using var response = await api.LoginAsync(new(credentials.Email, credentials.Password, credentials.Otp), cancellationToken);
        return response.ToAuthResult<DirectusErrors>(SignInRefusal, clock);
    }

    public async Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.RefreshAsync(new(tokens.RefreshToken), cancellationToken);
        return response.ToAuthResult<DirectusErrors>(RefreshRefusal, clock, tokens.RefreshToken);
    }

    public async Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.LogoutAsync(new(tokens.RefreshToken), cancellationToken);
        await response.EnsureSuccessStatusCodeAsync();
    }

    /// <summary>Determines whether Directus refused a data call because of its access token. 403 with INVALID_TOKEN means an invalid
    /// signature, for example after a change of SECRET. Any other 403 is about permissions.</summary>
    public static async ValueTask<bool> RefusesAccessToken(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.Unauthorized)
        {
            return true;
        }

        if (response.StatusCode is not HttpStatusCode.Forbidden)
        {
            return false;
        }

        try
        {
            // The body is kept in memory, so that the caller can read it again.
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize<DirectusErrors>(body)?.Code is "INVALID_TOKEN";
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static RejectionReason? SignInRefusal(int status, DirectusErrors? errors) =>
        errors?.Code switch
        {
            "INVALID_OTP" => RejectionReason.OtpRequired,

            // INVALID_PAYLOAD: Directus does not accept the input as an e-mail address.
            "INVALID_CREDENTIALS" or "USER_SUSPENDED" or "INVALID_PAYLOAD" => RejectionReason.InvalidCredentials,
            "REQUESTS_EXCEEDED" => RejectionReason.TooManyAttempts,
            _ => null,
        };

    /// <summary>403 with INVALID_TOKEN: the provider of a single sign-on refused the user.</summary>
    private static RejectionReason? RefreshRefusal(int status, DirectusErrors? errors) =>
        (status, errors?.Code) switch
        {
            (401, "INVALID_CREDENTIALS" or "USER_SUSPENDED") or (403, "INVALID_TOKEN") => RejectionReason.InvalidRefreshToken,
            _ => null,
        };
}

/// <summary>The endpoints of Directus that issue, refresh and revoke tokens. They are called without an access token: Directus would check
/// it first, and answer TOKEN_EXPIRED.</summary>
public interface IDirectusAuthApi
{
    [Post("/auth/login")]
    Task<IApiResponse<TokenResponse>> LoginAsync(DirectusLogin body, CancellationToken cancellationToken);

    [Post("/auth/refresh")]
    Task<IApiResponse<TokenResponse>> RefreshAsync(DirectusRefreshToken body, CancellationToken cancellationToken);

    [Post("/auth/logout")]
    Task<IApiResponse> LogoutAsync(DirectusRefreshToken body, CancellationToken cancellationToken);
}

public sealed record DirectusLogin(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("otp"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Otp,
    [property: JsonPropertyName("mode")] string Mode = "json"
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a sign-in";
}

/// <param name="Mode">Always sent. Without it, Directus may read the token from a cookie.</param>
public sealed record DirectusRefreshToken(
    [property: JsonPropertyName("refresh_token")] string RefreshToken,
    [property: JsonPropertyName("mode")] string Mode = "json"
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a refresh token";
}

/// <summary>An error response of Directus: <c>{ "errors": [ { "extensions": { "code": "INVALID_OTP" } } ] }</c>. The adapter reads the code
/// and ignores the message.</summary>
public sealed record DirectusErrors([property: JsonPropertyName("errors")] DirectusErrors.Item[]? Errors)
{
    public string? Code => Errors is [{ Extensions.Code: var code }, ..] ? code : null;

    public sealed record Item([property: JsonPropertyName("extensions")] Details? Extensions);

    public sealed record Details([property: JsonPropertyName("code")] string? Code);
}
