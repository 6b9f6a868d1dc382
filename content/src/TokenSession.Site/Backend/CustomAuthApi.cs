using System.Text.Json;
using System.Text.Json.Serialization;
using Refit;

namespace TokenSessionSite.Backend;

/// <summary>The endpoints of your API that issue, refresh and revoke tokens. They are called without an access token.</summary>
public interface ICustomAuthApi
{
    [Post("/auth/login")]
    Task<IApiResponse<TokenResponse>> LoginAsync(CustomLogin body, CancellationToken cancellationToken);

    [Post("/auth/refresh")]
    Task<IApiResponse<TokenResponse>> RefreshAsync(CustomRefreshToken body, CancellationToken cancellationToken);

    [Post("/auth/logout")]
    Task<IApiResponse> LogoutAsync(CustomRefreshToken body, CancellationToken cancellationToken);
}

public sealed record CustomLogin(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("otp"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Otp
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a sign-in";
}

public sealed record CustomRefreshToken([property: JsonPropertyName("refresh_token")] string RefreshToken)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a refresh token";
}

/// <summary>An error response: <c>{ "error": "invalid_grant" }</c> as in RFC 6749, 5.2, or the same word in <c>error_code</c> or
/// <c>code</c>.</summary>
public sealed record CustomError(
    [property: JsonPropertyName("error")] JsonElement Error,
    [property: JsonPropertyName("error_code")] JsonElement ErrorCode,
    [property: JsonPropertyName("code")] JsonElement Code
)
{
    /// <summary>In lower case.</summary>
    public string? Word =>
        new[] { Error, ErrorCode, Code }.FirstOrDefault(value => value.ValueKind is JsonValueKind.String)
            is { ValueKind: JsonValueKind.String } word
            ? word.GetString()!.ToLowerInvariant()
            : null;
}
