using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>
/// A site generated for Directus and run in Production against a real one, over plain HTTP because both are on this machine.
/// </summary>
public sealed class DirectusSite(TemplatePackage package) : IAsyncLifetime
{
    public const string CookiePrefix = "acme_class_site_2_0";

    // Other tests build this site, too. It has --account and --redis, so the first call of a page is that of the account pages.
    private const string Name = "Acme.class.Site-2.0";

    private GeneratedSite? generated;
    private RunningSite? site;

    public DirectusServer Directus { get; } = new();

    public Uri BaseAddress => Site.BaseAddress;

    private RunningSite Site => site ?? throw new InvalidOperationException("The site was not started.");

    public async ValueTask InitializeAsync()
    {
        await Directus.InitializeAsync();
        generated = await package.GenerateAsync(Name, Names.OptionsOf(Name));
        site = await StartNodeAsync();
    }

    /// <summary>A separate browser that is signed in as this user through the form of the login page.</summary>
    public Task<SiteClient> SignInAsync(DirectusUser user) => Site.SignInAsync(CookiePrefix, user.Email, user.Password);

    public async Task<(DirectusUser User, SiteClient Client)> SignedInAsync()
    {
        var user = await Directus.Api.CreateUserAsync();
        return (user, await SignInAsync(user));
    }

    public Task UntilExpiredAsync(SiteClient client) => client.UntilExpiredAsync(Directus.Api.AcceptsAsync);

    public async ValueTask DisposeAsync()
    {
        if (site is not null)
            await site.DisposeAsync();
        await Directus.DisposeAsync();
    }

    /// <summary>One more process of the same site.</summary>
    public Task<RunningSite> StartNodeAsync(params (string Name, string Value)[] settings) =>
        RunningSite.StartInProductionAsync(generated!, Directus.Url, [("Account__SiteUrl", "https://site.example"), .. settings]);
}
