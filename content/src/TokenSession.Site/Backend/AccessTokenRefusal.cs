using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Determines whether the backend refused a data call because of its access token. If so, a refresh may help.</summary>
public delegate ValueTask<bool> AccessTokenRefusal(HttpResponseMessage response, CancellationToken cancellationToken);

internal static class AccessTokenRefusalExtensions
{
    /// <summary>Reports to the session whether the backend accepted the access token of a data call. Returns another token if the backend
    /// refused it and a refresh succeeded.</summary>
    public static async Task<string?> ReportAsync(
        this AccessTokenRefusal refusal,
        HttpContext context,
        HttpResponseMessage response,
        string accessToken,
        CancellationToken cancellationToken
    )
    {
        var sessions = context.RequestServices.GetRequiredService<SessionService>();
        if (await refusal(response, cancellationToken))
        {
            var call = response.RequestMessage;
            var answer = $"{call?.Method} {call?.RequestUri?.AbsolutePath} answered {(int)response.StatusCode}";
            return await sessions.RenewAsync(context, accessToken, answer, cancellationToken);
        }

        if ((int)response.StatusCode is (< 300 or 304 or >= 400) and (< 500 and not (408 or 429)))
        {
            await sessions.AcceptAsync(context);
        }

        return null;
    }
}
