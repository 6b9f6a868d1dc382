using System.Net;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

/// <summary>The same site, whose pages of an account are used. The mails of the backend lead to this site.</summary>
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

    /// <summary>The link in the newest mail to this address, when there are as many as this.</summary>
    public async Task<string> LinkToAsync(string email, int mails = 1, BackendProcess? backend = null)
    {
        IReadOnlyList<Uri> links = [];
        await Eventually.TrueAsync(
            async () => (links = await (backend ?? Backend).MailsAsync(email)).Count >= mails,
            $"mail {mails} to {email} is sent"
        );
        return links[^1].PathAndQuery;
    }

    /// <summary>Opens the link as a browser does. The page that it leads to has no token in its address.</summary>
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
