using System.Text.Json.Serialization;
using Refit;

namespace TokenSessionSite.Backend;

/// <summary>The calls of Directus that issue, renew and revoke tokens. They never carry an access token: Directus would judge that first,
/// and answer TOKEN_EXPIRED.</summary>
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
    /// <summary>Never what is secret.</summary>
    public override string ToString() => "a sign-in";
}

/// <param name="Mode">Always given: without it Directus may look for cookies instead.</param>
public sealed record DirectusRefreshToken(
    [property: JsonPropertyName("refresh_token")] string RefreshToken,
    [property: JsonPropertyName("mode")] string Mode = "json"
)
{
    /// <summary>Never what is secret.</summary>
    public override string ToString() => "a refresh token";
}

/// <summary>What went wrong, as Directus writes it: <c>{ "errors": [ { "extensions": { "code": "INVALID_OTP" } } ] }</c>. The code
/// decides, never the message.</summary>
public sealed record DirectusErrors([property: JsonPropertyName("errors")] DirectusErrors.Item[]? Errors)
{
    public string? Code => Errors is [{ Extensions.Code: var code }, ..] ? code : null;

    public sealed record Item([property: JsonPropertyName("extensions")] Details? Extensions);

    public sealed record Details([property: JsonPropertyName("code")] string? Code);
}
