using System.Net.Http.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>Two processes of one site, one after the other.</summary>
public sealed class RestartTests(TemplatePackage package)
{
    [Fact]
    public async Task A_restart_signs_no_user_out()
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options("directus", account: "true"));
        // Like a new account, which does not even have the folder for applications.
        var data = Path.Combine(package.NewFolder(), "share");
        var account = new Dictionary<string, string?> { ["XDG_DATA_HOME"] = data, ["LOCALAPPDATA"] = data };
        using var browser = new HttpClient();

        await using (var first = await RunningSite.StartAsync(site, account))
        {
            var credentials = new { email = "demo@example.com", password = "demo" };
            (await browser.PostAsJsonAsync(new Uri(first.BaseAddress, "/api/auth/login"), credentials)).EnsureSuccessStatusCode();
        }

        // The keys are in the place that the documentation names.
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(data, "Acme.Web", "keys"), "key-*.xml"));

        // The access token in the ticket is valid for one minute. Therefore the site does not call the demo backend of the new process,
        // which has no sessions.
        await using var second = await RunningSite.StartAsync(site, account);
        Assert.Contains("Sign out", await browser.GetStringAsync(second.BaseAddress), StringComparison.Ordinal);

        // With other keys, the same cookie cannot be decrypted.
        await using var other = await RunningSite.StartAsync(
            site,
            new Dictionary<string, string?> { ["XDG_DATA_HOME"] = package.NewFolder() }
        );
        Assert.DoesNotContain("Sign out", await browser.GetStringAsync(other.BaseAddress), StringComparison.Ordinal);
    }
}
