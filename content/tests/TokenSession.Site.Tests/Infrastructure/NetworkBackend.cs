using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Refit;

namespace Tests.Infrastructure;

/// <summary>A backend behind a real network, called in the same way as by this site: through the adapter, and through the client of the
/// pages.</summary>
public sealed class NetworkBackend : IAsyncDisposable
{
    private readonly TestSite site;
    private readonly IServiceScope scope;
    private string? bearer;
    private bool refused;

    /// <param name="url">The address of the backend.</param>
    /// <param name="credentials">A user of the backend.</param>
    /// <param name="isDemo">Whether it is the demo backend, which has its own adapter.</param>
    public NetworkBackend(string url, Credentials credentials, bool isDemo = false)
    {
        Credentials = credentials;
        site = new TestSite { UsesOwnAdapter = !isDemo }
            .With("Backend:Url", url)
            .With(services =>
                services
                    .Replace(ServiceDescriptor.Singleton(TimeProvider.System))
                    .PostConfigureAll<HttpClientFactoryOptions>(client =>
                        client.HttpMessageHandlerBuilderActions.Add(builder => builder.AdditionalHandlers.Add(new Bearer(this)))
                    )
            );
        scope = site.Services.CreateScope();
    }

    public Credentials Credentials { get; }

    public IAuthBackend Adapter => scope.ServiceProvider.GetRequiredService<IAuthBackend>();

    public Task<AuthResult> SignInAsync(Credentials credentials) =>
        Adapter.SignInAsync(credentials, new(null, null), CancellationToken.None);

    public Task<AuthResult> RefreshAsync(SessionTokens tokens) => Adapter.RefreshAsync(tokens, CancellationToken.None);

    /// <summary>Returns true if a data call succeeds, and false if the adapter reads in the response that the access token is not valid.
    /// Any other failure gives no information about the token, so it is thrown.</summary>
    public async Task<bool> AcceptsAsync(string accessToken)
    {
        (bearer, refused) = (accessToken, false);
        try
        {
            await scope.ServiceProvider.GetRequiredService<IBackendApi>().GetMeAsync();
            return true;
        }
        catch (ApiException) when (refused)
        {
            return false;
        }
        finally
        {
            bearer = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        scope.Dispose();
        await site.DisposeAsync();
    }

    /// <summary>Attaches the access token under test. Without a browser request, the handler of the site attaches no token.</summary>
    private sealed class Bearer(NetworkBackend backend) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (backend.bearer is null)
            {
                return await base.SendAsync(request, cancellationToken);
            }

            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", backend.bearer);
            var response = await base.SendAsync(request, cancellationToken);
            backend.refused = await backend.site.Services.GetRequiredService<AccessTokenRefusal>()(response, cancellationToken);
            return response;
        }
    }
}
