using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Speaks with Directus (measured on 11.17 and 12.4).</summary>
public sealed class DirectusBackend(IDirectusAuthApi api, TimeProvider time) : IAuthBackend
{
    public async Task<AuthAnswer> SignInAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        using var response = await api.LoginAsync(new(credentials.Email, credentials.Password, credentials.Otp), cancellationToken);
        return response.ErrorBody<DirectusErrors>()?.Code switch
        {
            "INVALID_OTP" => new AuthAnswer.Refused(AuthRefusal.OtpRequired),

            // INVALID_PAYLOAD: what was typed is no e-mail address in Directus' eyes.
            "INVALID_CREDENTIALS" or "USER_SUSPENDED" or "INVALID_PAYLOAD" => new AuthAnswer.Refused(AuthRefusal.BadCredentials),
            "REQUESTS_EXCEEDED" => new AuthAnswer.Refused(AuthRefusal.TooManyAttempts, response.RetryAfter(time)),
            _ => response.ToAnswer(time),
        };
    }

    public async Task<AuthAnswer> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        using var response = await api.RefreshAsync(new(refreshToken), cancellationToken);
        return (response.StatusCode, response.ErrorBody<DirectusErrors>()?.Code) switch
        {
            (HttpStatusCode.Unauthorized, "INVALID_CREDENTIALS" or "USER_SUSPENDED") => new AuthAnswer.Refused(AuthRefusal.TokenRejected),
            _ => response.ToAnswer(time, refreshToken),
        };
    }

    public async Task SignOutAsync(string refreshToken, CancellationToken cancellationToken)
    {
        using var response = await api.LogoutAsync(new(refreshToken), cancellationToken);
        await response.EnsureSuccessStatusCodeAsync();
    }

    /// <summary>Whether a data call was refused because of its access token, so that a refresh may help. INVALID_TOKEN comes with 403 and
    /// means a bad signature, as after a change of Directus' SECRET; any other 403 is about permissions.</summary>
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
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            return (await response.Content.ReadFromJsonAsync<DirectusErrors>(cancellationToken))?.Code is "INVALID_TOKEN";
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
