using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The first `dotnet run` of a new site, for a user who has never run a site.</summary>
public sealed class FirstRunTests(TemplatePackage package)
{
    [Theory]
    [InlineData("http", "App&Co", "app_co")]
    [InlineData("https", "Acme.Web", "acme_web")]
    public async Task Sign_in_a_page_and_sign_out_leave_no_warning_in_the_log(string profile, string name, string prefix)
    {
        var site = await package.GenerateAsync(name, Names.OptionsOf(name));
        (await site.BuildAsync()).ShouldSucceed();
        string[] run = ["run", "--no-build", "--launch-profile", profile, "--project", site.SiteProject];
        await using var running = await RunningSite.StartAsync(Cli.StartInfo("dotnet", run, site.Root, NewUser()));
        Assert.Equal(profile, running.BaseAddress.Scheme);
        var browser = new SiteClient(running.BaseAddress, prefix);

        var signIn = await browser.SubmitAsync("/login", ("Email", "demo@example.com"), ("Password", "demo"));
        Assert.True(signIn.IsRedirect, $"{signIn}");
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/app")).Status);
        Assert.True((await browser.SubmitAsync("/logout")).IsRedirect);

        Assert.Contains("info: ", running.Output);
        Assert.DoesNotMatch("(?m)^(warn|fail|crit): ", running.Output);
    }

    /// <summary>Returns the environment of a user who has a certificate for localhost and no keys yet.</summary>
    private Dictionary<string, string?> NewUser()
    {
        var folder = package.NewFolder();
        return new()
        {
            ["XDG_DATA_HOME"] = folder,
            ["LOCALAPPDATA"] = folder,
            ["ASPNETCORE_Kestrel__Certificates__Default__Path"] = LocalCertificate.WritePfx(folder),
        };
    }
}
