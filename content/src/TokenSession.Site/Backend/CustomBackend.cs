using System.Net;
using System.Text.Json.Serialization;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// The adapter of your API. This file has the paths, the names in requests, and what each refusal means. Tokens and errors have the usual
/// names (<see cref="TokenResponse"/>, <see cref="ErrorResponse"/>). Edit it for your API.
/// </summary>
public sealed class CustomBackend(ICustomAuthApi api, SessionClock clock) : IAuthBackend
{
    public async Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
    {
        using var response = await api.LoginAsync(new(credentials.Email, credentials.Password, credentials.Otp), cancellationToken);
        return response.ToAuthResult(SignInRefusal, clock);
    }

    public async Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.RefreshAsync(new(tokens.RefreshToken), cancellationToken);
        return response.ToAuthResult(RefreshRefusal, clock, tokens.RefreshToken);
    }

    public async Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.LogoutAsync(new(tokens.RefreshToken), cancellationToken);
        await response.EnsureSuccessStatusCodeAsync();
    }

    /// <summary>Determines whether the backend refused a data call because of its access token.</summary>
    public static ValueTask<bool> RefusesAccessToken(HttpResponseMessage response, CancellationToken cancellationToken) =>
        ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized);

    /// <summary>Returns what a refused sign-in means; null if the answer says nothing about the credentials, for example because a field
    /// has the wrong name.</summary>
    private static RejectionReason? SignInRefusal(int status, string? word) =>
        (status, word) switch
        {
            (_, "otp_required" or "mfa_required") => RejectionReason.OtpRequired,
            (_, "invalid_grant" or "invalid_credentials") => RejectionReason.InvalidCredentials,
            (_, "account_locked" or "locked_out") => RejectionReason.LockedOut,
            (_, "email_not_confirmed" or "user_banned" or "not_allowed") => RejectionReason.NotAllowed,
            (429, _) => RejectionReason.TooManyAttempts,
            (401, not ("invalid_client" or "unauthorized_client")) => RejectionReason.InvalidCredentials,
            _ => null,
        };

    /// <summary>Returns what a refused refresh means; null if the answer says nothing about the refresh token. For example, invalid_client
    /// means that this site is configured wrongly, which must not sign out all users.</summary>
    private static RejectionReason? RefreshRefusal(int status, string? word) =>
        (status, word) switch
        {
            (_, "invalid_grant" or "invalid_token") => RejectionReason.InvalidRefreshToken,
            (_, "refresh_token_not_found" or "refresh_token_already_used") => RejectionReason.InvalidRefreshToken,
            (_, "session_not_found" or "session_expired" or "user_banned") => RejectionReason.InvalidRefreshToken,
            (401, not ("invalid_client" or "unauthorized_client")) => RejectionReason.InvalidRefreshToken,
            _ => null,
        };
}

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
