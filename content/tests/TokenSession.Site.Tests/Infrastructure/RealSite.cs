using Microsoft.Extensions.DependencyInjection;

namespace Tests.Infrastructure;

/// <summary>The site like in production, on a real port, with access tokens of a given length.</summary>
public sealed class RealSite : IAsyncDisposable
{
    private readonly TestSite site = TestSite.InProduction().OnARealPort();
    private readonly List<HttpClient> clients = [];

    public LogRecorder Log => site.Log;

    public Uri Address => site.ClientOptions.BaseAddress;

    /// <param name="length">The length of new access tokens, in characters.</param>
    public async Task IssueAccessTokensOfAsync(int length)
    {
        site.Backend.AccessTokenPadding = 0;
        var shortest = await AccessTokenLengthAsync();

        // The padding is base64url, which cannot have each length: of four lengths, one is impossible.
        site.Backend.AccessTokenPadding = length - shortest;
        Assert.InRange(await AccessTokenLengthAsync(), length - 3, length + 3);
    }

    public TestBrowser NewBrowser(Uri? address = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = address ?? Address,
        };
        clients.Add(client);
        return new(client);
    }

    public async Task<HttpResponseMessage> SignInAsync(bool onThePage, Uri? address = null, bool rememberMe = false)
    {
        var browser = NewBrowser(address);
        return onThePage
            ? await browser.FillInAsync(
                "/login",
                ("Email", DemoBackend.Email),
                ("Password", DemoBackend.Password),
                ("RememberMe", rememberMe ? "true" : "false")
            )
            : await browser.SignInAsync(rememberMe: rememberMe);
    }

    public async ValueTask DisposeAsync()
    {
        clients.ForEach(client => client.Dispose());
        await site.DisposeAsync();
    }

    /// <summary>Creates tokens without a request, so that the site logs nothing about it.</summary>
    private async Task<int> AccessTokenLengthAsync()
    {
        await using var scope = site.Services.CreateAsyncScope();
        var backend = scope.ServiceProvider.GetRequiredService<IAuthBackend>();
        var result = await backend.SignInAsync(new(DemoBackend.Email, DemoBackend.Password), new(null, null), CancellationToken.None);
        var tokens = Assert.IsType<AuthResult.Succeeded>(result).Tokens;
        Assert.Equal(64, tokens.RefreshToken.Length);
        return tokens.AccessToken.Length;
    }
}
