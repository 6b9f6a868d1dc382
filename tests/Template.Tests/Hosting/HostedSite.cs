using Template.Tests.Backends;
using Template.Tests.Identity;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>
/// A site with a difficult name that was changed as docs/hosting.md and content/README.md say, and its container image. Its backend is real,
/// so that users have access tokens of any length: an access token of Identity contains the roles.
/// </summary>
public sealed class HostedSite(TemplatePackage package) : IAsyncLifetime
{
    public const string CookiePrefix = "site";

    private BackendProcess? backend;
    private ContainerImage? image;
    private RunningSite? behindProxy;

    public BackendProcess Backend => backend ?? throw new InvalidOperationException("The backend was not started.");

    public ContainerImage Image => image ?? throw new InvalidOperationException("The image was not built.");

    /// <summary>The content of the image, run in Production with the settings for a proxy. It redirects plain HTTP to HTTPS.</summary>
    public RunningSite BehindProxy => behindProxy ?? throw new InvalidOperationException("The site was not started.");

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
            return;

        backend = await BackendProcess.StartAsync("identity");
        var site = await package.GenerateInAsync(package.NewFolder(), "日本.サイト", "--backend", "identity", "--tests", "false");
        IdentitySite.EnterPath(site);
        await ChangeAsync(site);
        image = await ContainerImage.BuildAsync(site, package.NewFolder());
        behindProxy = await StartBehindProxyAsync(package.NewFolder());
    }

    /// <summary>A user whose cookies take more than 12 kB. A cookie of more than 4 kB is not written.</summary>
    public async Task<string> CreateUserWithLargeTokenAsync()
    {
        var email = $"user-{Guid.NewGuid():n}@example.com";
        await Backend.ControlAsync(
            "users",
            new
            {
                email,
                password = BackendProcess.Password,
                roles = new[] { new string('r', 2_300) },
            }
        );
        return email;
    }

    public async ValueTask DisposeAsync()
    {
        if (behindProxy is not null)
            await behindProxy.DisposeAsync();
        if (backend is not null)
            await backend.DisposeAsync();
    }

    private static async Task ChangeAsync(GeneratedSite site)
    {
        await File.WriteAllTextAsync(Path.Combine(site.SiteFolder, "web.config"), Assert.Single(HostingPage.Examples("IIS", "xml")));

        var program = Path.Combine(site.SiteFolder, "Program.cs");
        var code = await File.ReadAllTextAsync(program);
        const string Build = "var app = builder.Build();\n";
        Assert.Contains(Build, code, StringComparison.Ordinal);
        var (keepsThePath, removesThePath) = HostingPage.BelowAPath() is [var first, var second]
            ? (first, second)
            : throw new InvalidOperationException("content/README.md must have two blocks of C# for a site below a path.");
        code = code.Replace(Build, $"{removesThePath}{Build}{keepsThePath}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(program, $"using Microsoft.AspNetCore.HttpOverrides;\n{code}");
    }

    private Task<RunningSite> StartBehindProxyAsync(string keys)
    {
        var settings = ContainerImage.Settings(Assert.Single(HostingPage.Examples("nginx", "")));
        settings["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        settings["ASPNETCORE_HTTPS_PORT"] = "443";
        settings["Backend__Url"] = $"{Backend.Url}";
        settings["TokenSession__DataProtectionKeyDirectory"] = keys;
        settings["TokenSession__FailedSignInsPerClient"] = "1";
        return RunningSite.StartAsync(Cli.StartInfo("dotnet", [Image.Assembly], Image.AppFolder, settings));
    }
}
