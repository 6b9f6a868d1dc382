using System.Net;
using System.Net.Http.Headers;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Adds the access token of the current request's user to a call. If the backend refuses the token, the session is refreshed and
/// the call is repeated, once. Handlers are pooled and shared, so the user is determined for each call.</summary>
public sealed class AccessTokenHandler(IHttpContextAccessor accessor, AccessTokenRefusal refusal) : DelegatingHandler
{
    /// <summary>Longer bodies are not kept in memory for a retry.</summary>
    private const int MaxBufferedBody = 1024 * 1024;

    private static readonly HttpRequestOptionsKey<bool> ForUser = new("TokenSession.ForUser");

    /// <summary>Whether a call was made for the current user, as a guest or with an access token.</summary>
    public static bool IsForUser(HttpRequestMessage request) => request.Options.TryGetValue(ForUser, out _);

    /// <summary>Whether the body is an upload: it is sent while it is read, and can be sent only once. JSON of unknown length is not an
    /// upload, because Refit serializes JSON while it sends it.</summary>
    internal static bool IsUpload(HttpRequestMessage request) =>
        request.Content is { Headers: var body }
        && (
            body.ContentLength is { } length
                ? length > MaxBufferedBody
                : body.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) is not true
        );

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.Set(ForUser, true);
        if (accessor.HttpContext is not { } context || context.GetTokenSession() is { State: SessionState.SignedOut, WasSignedIn: false })
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var sessions = context.RequestServices.GetRequiredService<SessionService>();
        if (await sessions.GetAccessTokenAsync(context, cancellationToken) is not { } accessToken)
        {
            // The session has ended or is unknown. Without a token, the backend could return the data of guests.
            var isSignedOut = context.GetTokenSession().State is SessionState.SignedOut;
            return new(isSignedOut ? HttpStatusCode.Unauthorized : HttpStatusCode.ServiceUnavailable) { RequestMessage = request };
        }

        var isUpload = IsUpload(request);
        if (!isUpload && request.Content is { } body)
        {
            // A retry sends the body a second time.
            await body.LoadIntoBufferAsync(cancellationToken);
        }

        try
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
            var response = await base.SendAsync(request, cancellationToken);
            if (await ReportAsync(response, accessToken) is not { } renewed || isUpload)
            {
                return response;
            }

            response.Dispose();
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", renewed);
            response = await base.SendAsync(request, cancellationToken);
            await ReportAsync(response, renewed);
            return response;
        }
        finally
        {
            // Refit's exceptions contain the request, and some loggers write all properties of an exception.
            request.Headers.Authorization = null;
        }

        // Returns another token if the backend refused this one and a refresh succeeded.
        Task<string?> ReportAsync(HttpResponseMessage response, string used) =>
            refusal.ReportAsync(context, response, used, cancellationToken);
    }
}
