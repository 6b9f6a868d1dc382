using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace Tests.Infrastructure;

/// <summary>The adapter of this site, over a network that gives the same answer to each call.</summary>
public sealed class CannedBackend : HttpMessageHandler, IAsyncDisposable
{
    private readonly TestSite site;
    private readonly IServiceScope scope;

    public CannedBackend(HttpStatusCode status, string body, string mediaType = "application/json", string url = "https://backend.test")
    {
        (Status, Body, MediaType) = (status, body, mediaType);
        site = new TestSite { UsesOwnAdapter = true }
            .With("Backend:Url", url)
            .With(services =>
                services.PostConfigureAll<HttpClientFactoryOptions>(client =>
                    client.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = this)
                )
            );
        scope = site.Services.CreateScope();
    }

    public HttpStatusCode Status { get; }

    public string Body { get; }

    public string MediaType { get; }

    public DateTimeOffset Now => site.Time.GetUtcNow();

    /// <summary>The tokens that are exchanged and revoked.</summary>
    public SessionTokens Old => new("old access", Now, Now.AddMinutes(15), "old");

    public IAuthBackend Adapter => scope.ServiceProvider.GetRequiredService<IAuthBackend>();

    public List<(string Call, string? Authorization, string Body)> Requests { get; } = [];

    public Task<AuthResult> SignInAsync(string? otp = null, string? recoveryCode = null) =>
        Adapter.SignInAsync(
            new Credentials("a@example.com", "secret", otp, RecoveryCode: recoveryCode),
            new(null, null),
            CancellationToken.None
        );

    public Task<AuthResult> RefreshAsync() => Adapter.RefreshAsync(Old, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        scope.Dispose();
        await site.DisposeAsync();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add(($"{request.Method} {request.RequestUri}", request.Headers.Authorization?.ToString(), body));
        return new(Status) { Content = new StringContent(Body, Encoding.UTF8, MediaType), RequestMessage = request };
    }
}
