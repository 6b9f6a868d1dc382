using System.Text.Json.Serialization;
using Refit;

namespace TokenSessionSite.Backend;

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
