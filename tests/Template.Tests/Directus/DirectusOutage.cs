using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>One outage for all tests of an outage: Directus is stopped, the site receives several requests, and Directus is started
/// again.</summary>
public sealed class DirectusOutage(DirectusSite site) : IAsyncLifetime
{
    private readonly List<SiteAnswer> answers = [];

    /// <summary>A browser that signed in before the outage. Its access token also expired before the outage.</summary>
    public SiteClient Visitor { get; private set; } = null!;

    /// <summary>A browser that signed out during the outage.</summary>
    public SiteClient Leaver { get; private set; } = null!;

    public DirectusUser User { get; private set; } = null!;

    public string? TicketBefore { get; private set; }

    public SiteAnswer Page => answers[0];

    public SiteAnswer Refresh => answers[1];

    public SiteAnswer PublicPage => answers[2];

    public SiteAnswer LoginForm => answers[3];

    public SiteAnswer Login => answers[4];

    public SiteAnswer Logout => answers[5];

    public async ValueTask InitializeAsync()
    {
        (User, Visitor) = await site.SignedInAsync();
        Leaver = await site.SignInAsync(User);
        await site.UntilExpiredAsync(Visitor);
        TicketBefore = Visitor.Ticket;

        await site.Directus.StopAsync();
        try
        {
            await AskAsync(new SiteClient(site.BaseAddress, DirectusSite.CookiePrefix));
        }
        finally
        {
            await site.Directus.StartAsync();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task AskAsync(SiteClient guest)
    {
        answers.Add(await Visitor.GetAsync("/app"));
        answers.Add(await Visitor.FetchAsync("/api/auth/refresh"));
        answers.Add(await Visitor.GetAsync("/"));
        answers.Add(await guest.SubmitAsync("/login", ("Email", User.Email), ("Password", User.Password)));
        answers.Add(await guest.FetchAsync("/api/auth/login", new { email = User.Email, password = User.Password }));
        answers.Add(await Leaver.FetchAsync("/api/auth/logout"));
    }
}
