using System.Net;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// The one file to edit when your API speaks otherwise (with <see cref="ICustomAuthApi"/>, which names paths and fields). As it stands it
/// speaks RFC 6749's wire format: tokens as <see cref="TokenAnswer"/> reads them, errors as <c>{ "error": "invalid_grant" }</c>.
/// </summary>
public sealed class CustomBackend(ICustomAuthApi api, TimeProvider time) : IAuthBackend
{
    public async Task<AuthAnswer> SignInAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        using var response = await api.LoginAsync(new(credentials.Email, credentials.Password, credentials.Otp), cancellationToken);
        return (response.StatusCode, response.ErrorBody<CustomError>()?.Error) switch
        {
            (HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest, "otp_required" or "mfa_required") => new AuthAnswer.Refused(
                AuthRefusal.OtpRequired
            ),
            (
                HttpStatusCode.Unauthorized
                    or HttpStatusCode.Forbidden
                    or HttpStatusCode.BadRequest
                    or HttpStatusCode.UnprocessableEntity,
                _
            ) => new AuthAnswer.Refused(AuthRefusal.BadCredentials),
            (HttpStatusCode.TooManyRequests, _) => new AuthAnswer.Refused(AuthRefusal.TooManyAttempts, response.RetryAfter(time)),
            _ => response.ToAnswer(time),
        };
    }

    public async Task<AuthAnswer> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        using var response = await api.RefreshAsync(new(refreshToken), cancellationToken);
        return (response.StatusCode, response.ErrorBody<CustomError>()?.Error) switch
        {
            // Not 403, and not invalid_client: those say that this site is set up wrongly, and must not sign everybody out.
            (HttpStatusCode.BadRequest, "invalid_grant") => new AuthAnswer.Refused(AuthRefusal.TokenRejected),
            (HttpStatusCode.Unauthorized, not "invalid_client") => new AuthAnswer.Refused(AuthRefusal.TokenRejected),
            _ => response.ToAnswer(time, refreshToken),
        };
    }

    public async Task SignOutAsync(string refreshToken, CancellationToken cancellationToken)
    {
        using var response = await api.LogoutAsync(new(refreshToken), cancellationToken);
        await response.EnsureSuccessStatusCodeAsync();
    }

    /// <summary>Whether a data call was refused because of its access token, so that a refresh may help.</summary>
    public static ValueTask<bool> RefusesAccessToken(HttpResponseMessage response, CancellationToken cancellationToken) =>
        ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized);
}
