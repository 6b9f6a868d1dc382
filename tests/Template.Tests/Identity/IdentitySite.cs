using System.Net;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

/// <summary>
/// A site generated for the ASP.NET Core Identity endpoints and run in Production against real ones, over plain HTTP because both are on
/// this machine. The backend maps the endpoints below a path, and the owner of the site has entered it in the adapter.
/// </summary>
public class IdentitySite(TemplatePackage package) : IAsyncLifetime
{
    public const string Password = BackendProcess.Password;

    private const string CookiePrefix = "acme_identity";

    private const string WithoutPath = "const string Path = \"\";";

    private const string WithPath = "const string Path = \"/identity\";";

    /// <summary>Short enough for a test to wait for the expiry, and long enough to serve a page before the next expiry.</summary>
    private const string AccessTokenLifetime = "00:00:05";

    private BackendProcess? backend;
    private IdentityApi? api;
    private GeneratedSite? generated;
    private RunningSite? site;

    public BackendProcess Backend => backend ?? throw new InvalidOperationException("The backend was not started.");

    /// <summary>The same backend, called directly.</summary>
    public IdentityApi Api => api ?? throw new InvalidOperationException("The backend was not started.");

    public GeneratedSite Generated => generated ?? throw new InvalidOperationException("The site was not generated.");

    /// <summary>Additional settings of the site.</summary>
    protected virtual (string Name, string Value)[] Settings => [];

    protected RunningSite Site => site ?? throw new InvalidOperationException("The site was not started.");

    public virtual async ValueTask InitializeAsync()
    {
        backend = await BackendProcess.StartAsync("identity", "--access-token-lifetime", AccessTokenLifetime);
        api = new IdentityApi(backend.Url);
        generated = await package.GenerateAsync("Acme.Identity", OptionTests.Options("identity", account: "true"));
        EnterPath(generated);
        site = await StartNodeAsync(backend);
    }

    /// <summary>One more process of the same site.</summary>
    /// <param name="backend">The backend of this process.</param>
    /// <param name="settings">Additional settings, such as TokenSession__FailedSignInsPerClient.</param>
    public Task<RunningSite> StartNodeAsync(BackendProcess backend, params (string Name, string Value)[] settings) =>
        RunningSite.StartInProductionAsync(Generated, backend.Url, [.. Settings, .. settings]);

    /// <summary>A new user for one test only.</summary>
    /// <param name="twoFactor">With the authenticator key and the recovery codes of tests/Backends/TestBackend.cs.</param>
    /// <returns>The e-mail address.</returns>
    public async Task<string> CreateUserAsync(bool twoFactor = false)
    {
        var email = $"user-{Guid.NewGuid():n}@example.com";
        await Backend.ControlAsync("users", new NewUser(email, Password, twoFactor));
        return email;
    }

    /// <summary>A browser without cookies.</summary>
    /// <param name="node">By default, the site of this fixture.</param>
    public SiteClient NewBrowser(RunningSite? node = null) => new((node ?? Site).BaseAddress, CookiePrefix);

    public async Task<(string Email, SiteClient Client)> SignedInAsync()
    {
        var email = await CreateUserAsync();
        return (email, await SignInAsync(email));
    }

    /// <summary>A separate browser that is signed in as this user through the form of the login page.</summary>
    public Task<SiteClient> SignInAsync(string email, string password = Password) => Site.SignInAsync(CookiePrefix, email, password);

    public Task<int> RefreshCallsAsync() => Backend.CallsAsync("/identity/refresh");

    public Task UntilExpiredAsync(SiteClient client) => client.UntilExpiredAsync(Api.AcceptsAsync);

    /// <summary>The page is served to this user, with an access token that the backend accepts.</summary>
    public async Task AssertSignedInAsync(SiteClient client, string email)
    {
        var app = await client.GetAsync("/app");
        Assert.Equal(HttpStatusCode.OK, app.Status);
        Assert.Contains(email, app.Body, StringComparison.Ordinal);
        Assert.True(await Api.AcceptsAsync(client.AccessToken!), "The backend does not accept the access token.");
    }

    public async ValueTask DisposeAsync()
    {
        api?.Dispose();
        if (site is not null)
            await site.DisposeAsync();
        if (backend is not null)
            await backend.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The fixtures share this site: the first one enters the path.</summary>
    public static void EnterPath(GeneratedSite site)
    {
        var adapter = Path.Combine(site.SiteFolder, "Backend", "IdentityBackend.cs");
        var code = File.ReadAllText(adapter);
        if (code.Contains(WithPath, StringComparison.Ordinal))
            return;
        Assert.Contains(WithoutPath, code, StringComparison.Ordinal);
        File.WriteAllText(adapter, code.Replace(WithoutPath, WithPath, StringComparison.Ordinal));
    }

    private sealed record NewUser(string Email, string Password, bool TwoFactor);
}
