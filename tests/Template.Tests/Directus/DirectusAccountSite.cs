using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>A site with the pages of an account, for a Directus that sends mails, and the mail server that receives them.</summary>
public sealed class DirectusAccountSite(TemplatePackage package) : IAsyncLifetime
{
    /// <summary>The address of the site in the links of mails. It does not exist: the tests open the links on this machine.</summary>
    public const string Address = "https://www.acme.example";

    public const string CookiePrefix = "acme_web";

    private GeneratedSite? generated;
    private RunningSite? site;

    public MailServer Mail { get; } = new();

    public DirectusServer Directus { get; } = new();

    public Uri BaseAddress => Site.BaseAddress;

    public string Output => Site.Output;

    private RunningSite Site => site ?? throw new InvalidOperationException("The site was not started.");

    public async ValueTask InitializeAsync()
    {
        var directus = Directus.StartAsync(
            ("EMAIL_TRANSPORT", "smtp"),
            ("EMAIL_SMTP_HOST", "127.0.0.1"),
            ("EMAIL_SMTP_PORT", $"{Mail.Port}"),
            ("EMAIL_SMTP_IGNORE_TLS", "true"),
            ("EMAIL_FROM", "no-reply@acme.example"),
            ("PASSWORD_RESET_URL_ALLOW_LIST", $"{Address}/reset-password"),
            ("USER_REGISTER_URL_ALLOW_LIST", $"{Address}/confirm-email"),
            ("USER_INVITE_URL_ALLOW_LIST", $"{Address}/accept-invitation"),
            ("RATE_LIMITER_REGISTRATION_POINTS", "100"),
            // Directus delays its answers so that their time reveals nothing. These tests do not need the delay.
            ("LOGIN_STALL_TIME", "1"),
            ("REGISTER_STALL_TIME", "1")
        );
        generated = await package.GenerateAsync("Acme.Web", OptionTests.Options("directus", account: "true"));
        await generated.PublishAsync();
        await directus;
        site = await StartNodeAsync(Address);
    }

    /// <param name="address">The address of the site in the settings of this process.</param>
    public Task<RunningSite> StartNodeAsync(string address) =>
        RunningSite.StartInProductionAsync(generated!, Directus.Url, [("Account__SiteUrl", address)]);

    public SiteClient NewClient() => new(BaseAddress, CookiePrefix);

    /// <summary>A separate browser that is signed in as this user through the form of the login page.</summary>
    public Task<SiteClient> SignInAsync(DirectusUser user) => Site.SignInAsync(CookiePrefix, user.Email, user.Password);

    public Task UntilExpiredAsync(SiteClient client) => client.UntilExpiredAsync(Directus.Api.AcceptsAsync);

    /// <summary>Opens the link of a mail in this browser, and returns the page that it leads to.</summary>
    public static async Task<SiteAnswer> OpenAsync(SiteClient client, Uri link)
    {
        Assert.StartsWith($"{Address}/", link.AbsoluteUri, StringComparison.Ordinal);
        return await FollowAsync(client, await client.GetAsync(link.PathAndQuery));
    }

    /// <summary>Opens the address of a redirect.</summary>
    public static Task<SiteAnswer> FollowAsync(SiteClient client, SiteAnswer answer)
    {
        Assert.True(answer.IsRedirect, $"No redirect: {answer}");
        return client.GetAsync(answer.Location!);
    }

    public async ValueTask DisposeAsync()
    {
        if (site is not null)
            await site.DisposeAsync();
        await Directus.DisposeAsync();
        await Mail.DisposeAsync();
    }
}

/// <summary>Never parallel to other tests, for the same reason as <see cref="DirectusCollection"/>.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class DirectusAccountCollection : ICollectionFixture<DirectusAccountSite>;
