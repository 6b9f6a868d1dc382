using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Account;

/// <summary>The actions of the account tests at the site and in its mails.</summary>
internal static class AccountSite
{
    public const string NewPassword = "another-password";

    /// <summary>The defaults of all sites in tests: an address, which is required outside Development, and no delay of mails, because the
    /// clock stands still.</summary>
    [ModuleInitializer]
    internal static void SetDefaults()
    {
        Environment.SetEnvironmentVariable("Account__SiteUrl", "https://localhost");
        Environment.SetEnvironmentVariable("Account__MailResponseTime", "00:00:00");
    }

    /// <summary>A site whose answer to a request for a mail has a delay.</summary>
    public static TestSite New() => new TestSite().With("Account:MailResponseTime", "00:00:00.5");

    public static DemoAccounts Accounts(this TestSite site) => site.Services.GetRequiredService<DemoAccounts>();

    /// <summary>Tokens of another sign-in at the backend.</summary>
    public static async Task<SessionTokens> NewTokensAsync(this TestSite site)
    {
        var credentials = Credentials.From(DemoBackend.Email, DemoBackend.Password, rememberMe: false);
        var result = await site.Services.GetRequiredService<IAuthBackend>().SignInAsync(credentials, new(null, null), default);
        return Assert.IsType<AuthResult.Succeeded>(result).Tokens;
    }

    /// <summary>The address in the newest mail, without the host.</summary>
    public static string Link(this TestSite site) => new Uri(site.Accounts().Mails.First().Link).PathAndQuery;

    /// <summary>Sends a form whose answer has a delay.</summary>
    public static async Task<HttpResponseMessage> AskForMailAsync(
        this TestSite site,
        TestBrowser browser,
        string path,
        params (string Name, string Value)[] fields
    )
    {
        var field = await browser.OpenFormAsync(path);
        var answer = browser.SendFormAsync(path, field, fields);
        await site.AdvanceUntilAsync(answer, TimeSpan.FromSeconds(10));
        return await answer;
    }

    /// <summary>Opens the link of the newest mail, as a click in the mail does, and returns the path of its page.</summary>
    public static async Task<string> OpenLinkAsync(this TestSite site, TestBrowser browser, string? link = null)
    {
        link ??= site.Link();
        var answer = await browser.GetAsync(link, ("Sec-Fetch-Site", "cross-site"));
        answer.ShouldRedirectTo(link.Split('?')[0]);
        return link.Split('?')[0];
    }

    /// <summary>Sends the form of the page of a link.</summary>
    public static async Task<HttpResponseMessage> UseLinkAsync(
        this TestBrowser browser,
        string page,
        params (string Name, string Value)[] fields
    )
    {
        var html = await (await browser.GetAsync(page)).TextAsync();
        return await browser.SendFormAsync(page, TestBrowser.FormFieldIn(html), [.. fields, ("Link", LinkIn(html))]);
    }

    /// <summary>The hidden field that identifies the link of a form.</summary>
    public static string LinkIn(string html) => Regex.Match(html, "name=\"Link\" value=\"([0-9a-f]+)\"").Groups[1].Value;

    public static async Task<string> TextAsync(this HttpResponseMessage answer) =>
        WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

    public static async Task ShouldShowAsync(this HttpResponseMessage answer, HttpStatusCode status, string text)
    {
        answer.ShouldBe(status);
        Assert.Contains(text, await answer.TextAsync(), StringComparison.Ordinal);
    }
}
