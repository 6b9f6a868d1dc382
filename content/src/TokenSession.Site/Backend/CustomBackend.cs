using System.Net;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// The adapter of your API. It expects tokens that <see cref="TokenResponse"/> can read, and errors as in RFC 6749, 5.2. For another wire
/// format, edit this class and <see cref="ICustomAuthApi"/>, which has the paths and field names.
/// </summary>
public sealed class CustomBackend(ICustomAuthApi api, SessionClock clock) : IAuthBackend
{
    public async Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
    {
        using var response = await api.LoginAsync(new(credentials.Email, credentials.Password, credentials.Otp), cancellationToken);
        return response.ToAuthResult<CustomError>(SignInRefusal, clock);
    }

    public async Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.RefreshAsync(new(tokens.RefreshToken), cancellationToken);
        return response.ToAuthResult<CustomError>(RefreshRefusal, clock, tokens.RefreshToken);
    }

    public async Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.LogoutAsync(new(tokens.RefreshToken), cancellationToken);
        await response.EnsureSuccessStatusCodeAsync();
    }

    /// <summary>Determines whether the backend refused a data call because of its access token.</summary>
    public static ValueTask<bool> RefusesAccessToken(HttpResponseMessage response, CancellationToken cancellationToken) =>
        ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized);

    /// <summary>What a refused sign-in means. Null for an answer that says nothing about the credentials, such as one to a misnamed field.
    /// </summary>
    private static RejectionReason? SignInRefusal(int status, CustomError? error) =>
        (status, error?.Word) switch
        {
            (_, "otp_required" or "mfa_required") => RejectionReason.OtpRequired,
            (_, "invalid_grant" or "invalid_credentials") => RejectionReason.InvalidCredentials,
            (_, "account_locked" or "locked_out") => RejectionReason.LockedOut,
            (_, "email_not_confirmed" or "user_banned" or "not_allowed") => RejectionReason.NotAllowed,
            (429, _) => RejectionReason.TooManyAttempts,
            (401, not ("invalid_client" or "unauthorized_client")) => RejectionReason.InvalidCredentials,
            _ => null,
        };

    /// <summary>What a refused refresh means. Null for an answer that says nothing about the refresh token: invalid_client, for example,
    /// means that this site is configured wrongly, which must not sign out all users.</summary>
    private static RejectionReason? RefreshRefusal(int status, CustomError? error) =>
        (status, error?.Word) switch
        {

            (_, "invalid_grant" or "invalid_token" or "refresh_token_not_found" or "refresh_token_already_used")
            or
            (_, "session_not_found" or "session_expired" or "user_banned")
            or (401, not ("invalid_client" or "unauthorized_client")) => RejectionReason.InvalidRefreshToken,
            _ => null,
        };
}
