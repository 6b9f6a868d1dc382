using System.Net.Http.Headers;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// Attaches the access token of the user whose request is being answered. A call that the backend refuses because of the token leads to
/// one refresh and one retry, never to two. Handlers are pooled and shared, so the user is looked up for every call.
/// </summary>
public sealed class AccessTokenHandler(IHttpContextAccessor accessor, AccessTokenRefusal isRefused) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (accessor.HttpContext is not { } context || context.GetTokenSession().Ticket?.Tokens.AccessToken is not { } accessToken)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        if (request.Content is not null)
        {
            // A retry sends the body a second time.
            await request.Content.LoadIntoBufferAsync(cancellationToken);
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        var response = await base.SendAsync(request, cancellationToken);
        if (!await isRefused(response, cancellationToken))
        {
            return response;
        }

        var sessions = context.RequestServices.GetRequiredService<SessionService>();
        if (await sessions.RenewAsync(context, accessToken, cancellationToken) is not { } renewed)
        {
            return response;
        }

        response.Dispose();
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", renewed);
        return await base.SendAsync(request, cancellationToken);
    }
}
