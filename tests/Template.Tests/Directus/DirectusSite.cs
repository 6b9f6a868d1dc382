using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>
/// A site generated for Directus and run in Production against a real one, over plain HTTP because both are on this machine.
/// </summary>
public sealed class DirectusSite(TemplatePackage package) : IAsyncLifetime
{
    public const string CookiePrefix = "acme_class_site_2_0";

    // This site is built for other tests, too. It has the option --redis.
    private const string Name = "Acme.class.Site-2.0";

    private GeneratedSite? generated;
    private string published = "";
    private RunningSite? site;

    public DirectusServer Directus { get; } = new();

    public Uri BaseAddress => (site ?? throw new InvalidOperationException("The site was not started.")).BaseAddress;

    public async ValueTask InitializeAsync()
    {
        await Directus.InitializeAsync();
        generated = await package.GenerateAsync(Name, Names.OptionsOf(Name));
        published = await generated.PublishAsync();
        site = await StartNodeAsync();
    }

    /// <summary>A separate browser that is signed in as this user through the form of the login page.</summary>
    public async Task<SiteClient> SignInAsync(DirectusUser user)
    {
        var client = new SiteClient(BaseAddress, CookiePrefix);
        var answer = await client.SubmitAsync("/login", ("Email", user.Email), ("Password", user.Password));
        Assert.True(answer.IsRedirect, $"{user.Email} could not sign in: {answer}\n{site?.Output}");
        return client;
    }

    public async Task<(DirectusUser User, SiteClient Client)> SignedInAsync()
    {
        var user = await Directus.Api.CreateUserAsync();
        return (user, await SignInAsync(user));
    }

    /// <summary>Waits until the access token of the browser has expired, both for Directus and by the expiry time that the site sent to the
    /// browser.</summary>
    public async Task UntilExpiredAsync(SiteClient client)
    {
        var (token, expiry) = (client.AccessToken, client.Expiry);
        await Eventually.TrueAsync(
            async () => DateTimeOffset.UtcNow > expiry && (token is null || !await Directus.Api.AcceptsAsync(token)),
            "the access token expires"
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (site is not null)
            await site.DisposeAsync();
        await Directus.DisposeAsync();
    }

    /// <summary>One more process of the same site.</summary>
    public Task<RunningSite> StartNodeAsync(params (string Name, string Value)[] settings)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_CONTENTROOT"] = published,
            ["Backend__Url"] = $"{Directus.Url}",
            ["TokenSession__AllowInsecureHttp"] = "true",
        };
        foreach (var (name, value) in settings)
            environment[name] = value;
        return RunningSite.StartAsync(generated!, environment);
    }
}
