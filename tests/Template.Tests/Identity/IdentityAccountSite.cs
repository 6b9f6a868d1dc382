using System.Net;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

/// <summary>The same site, for tests of the account pages. The links in the mails of the backend lead to this site.</summary>
public sealed class IdentityAccountSite(TemplatePackage package) : IdentitySite(package)
{
    protected override (string Name, string Value)[] Settings => [("Account__MailResponseTime", "00:00:01")];

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await LeadMailsAsync(Backend, Site);
    }

    public static Task LeadMailsAsync(BackendProcess backend, RunningSite site) =>
        backend.ControlAsync("site", new { url = $"{site.BaseAddress}" });

    /// <summary>Waits for this number of mails to this address, and returns the link in the newest one.</summary>
    public async Task<string> LinkToAsync(string email, int mails = 1, BackendProcess? backend = null)
    {
        IReadOnlyList<Uri> links = [];
        await Eventually.TrueAsync(
            async () => (links = await (backend ?? Backend).MailsAsync(email)).Count >= mails,
            $"mail {mails} to {email} is sent"
        );
        return links[^1].PathAndQuery;
    }

    /// <summary>Opens the link like a browser. The address of the page after the redirect has no token.</summary>
    public static async Task<SiteAnswer> OpenAsync(SiteClient client, string link)
    {
        var answer = await client.GetAsync(link);
        Assert.True(answer.IsRedirect, $"{answer}");
        Assert.Equal(link[..link.IndexOf('?', StringComparison.Ordinal)], answer.Location);
        var page = await client.GetAsync(answer.Location!);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return page;
    }
}
