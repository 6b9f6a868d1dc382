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
    public async Task<AuthResult> SignInAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        using var response = await api.LoginAsync(new(credentials.Email, credentials.Password, credentials.Otp), cancellationToken);
        return (response.StatusCode, response.ErrorBody<CustomError>()?.Error) switch
        {
            (HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest, "otp_required" or "mfa_required") => new AuthResult.Rejected(
                RejectionReason.OtpRequired
            ),
            (
                HttpStatusCode.Unauthorized
                    or HttpStatusCode.Forbidden
                    or HttpStatusCode.BadRequest
                    or HttpStatusCode.UnprocessableEntity,
                _
            ) => new AuthResult.Rejected(RejectionReason.InvalidCredentials),
            (HttpStatusCode.TooManyRequests, _) => new AuthResult.Rejected(RejectionReason.TooManyAttempts, response.RetryAfter(clock)),
            _ => response.ToAuthResult(clock),
        };
    }

    public async Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.RefreshAsync(new(tokens.RefreshToken), cancellationToken);
        return (response.StatusCode, response.ErrorBody<CustomError>()?.Error) switch
        {
            // Not 403 and not invalid_client: both mean that this site is configured wrongly, which must not sign out all users.
            (HttpStatusCode.BadRequest, "invalid_grant") => new AuthResult.Rejected(RejectionReason.InvalidRefreshToken),
            (HttpStatusCode.Unauthorized, not "invalid_client") => new AuthResult.Rejected(RejectionReason.InvalidRefreshToken),
            _ => response.ToAuthResult(clock, tokens.RefreshToken),
        };
    }

    public async Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.LogoutAsync(new(tokens.RefreshToken), cancellationToken);
        await response.EnsureSuccessStatusCodeAsync();
    }

    /// <summary>Determines whether the backend refused a data call because of its access token.</summary>
    public static ValueTask<bool> RefusesAccessToken(HttpResponseMessage response, CancellationToken cancellationToken) =>
        ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized);
}
