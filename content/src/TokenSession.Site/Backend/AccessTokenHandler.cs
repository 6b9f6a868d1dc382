using System.Net;
using System.Net.Http.Headers;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// Sends the access token of the user whose request is being answered. A call that the backend refuses because of the token causes one
/// refresh and one retry. Handlers are pooled and shared, so the user is looked up for each call.
/// </summary>
public sealed class AccessTokenHandler(IHttpContextAccessor accessor, AccessTokenRefusal isRefused) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (accessor.HttpContext is not { } context || context.GetTokenSession() is { State: SessionState.SignedOut, WasSignedIn: false })
        {
            return await base.SendAsync(request, cancellationToken);
        }

        var sessions = context.RequestServices.GetRequiredService<SessionService>();
        if (await sessions.GetAccessTokenAsync(context, cancellationToken) is not { } accessToken)
        {
            // The session has ended or is unknown. Without a token, the backend could answer with what guests may see.
            var isSignedOut = context.GetTokenSession().State is SessionState.SignedOut;
            return new(isSignedOut ? HttpStatusCode.Unauthorized : HttpStatusCode.ServiceUnavailable) { RequestMessage = request };
        }

        if (request.Content is not null)
        {
            // A retry sends the body a second time.
            await request.Content.LoadIntoBufferAsync(cancellationToken);
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        var response = await base.SendAsync(request, cancellationToken);
        if (await RenewAsync(accessToken) is not { } renewed)
        {
            return response;
        }

        response.Dispose();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", renewed);
        response = await base.SendAsync(request, cancellationToken);
        await RenewAsync(renewed);
        return response;

        Task<string?> RenewAsync(string used) => isRefused.RenewIfRefusedAsync(context, response, used, cancellationToken);
    }
}
