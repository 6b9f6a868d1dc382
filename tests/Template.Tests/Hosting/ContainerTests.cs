using System.Net;
using System.Text.RegularExpressions;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>The sections "Container" and "Kubernetes" of docs/hosting.md.</summary>
[Collection(typeof(HostedSiteCollection))]
public sealed partial class ContainerTests
{
    private static readonly string Command = HostingPage.Examples("Container", "")[1];

    private readonly HostedSite site;
    private readonly string volume;

    public ContainerTests(HostedSite site, TemplatePackage package)
    {
        Assert.SkipWhen(Container.Obstacle is not null, $"{Container.Obstacle}");
        (this.site, volume) = (site, package.NewFolder());
    }

    [Fact]
    public void The_image_has_a_valid_name_and_a_user_that_is_not_root()
    {
        Assert.Equal("site:latest", site.Image.Tag);
        Assert.Equal("1654", site.Image.User);
        Assert.Equal(["8080/tcp"], site.Image.Ports);
        Assert.Equal(["dotnet", "/app/日本.サイト.dll"], site.Image.EntryPoint);
    }

    [Fact]
    public async Task It_runs_without_root_on_a_read_only_file_system_and_a_restart_signs_no_user_out()
    {
        var port = FreePort.Next();
        var browser = new SiteClient(new Uri($"http://localhost:{port}"), HostedSite.CookiePrefix);

        await using (var first = await RunAsync(port))
        {
            var answer = await browser.SubmitAsync("/login", ("Email", RealBackend.Email), ("Password", RealBackend.Password));
            Assert.True(answer is { IsRedirect: true, Location: "/app" }, $"{answer}\n{first.Output}");
            Assert.DoesNotContain("may not be persisted", first.Output, StringComparison.Ordinal);
        }

        await using var second = await RunAsync(port);
        Assert.Contains(RealBackend.Email, (await browser.GetAsync("/app")).Body, StringComparison.Ordinal);
        Assert.True((await browser.SubmitAsync("/logout")).IsRedirect);
        Assert.StartsWith("/login", (await browser.GetAsync("/app")).Location, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_probes_of_Kubernetes_are_answered_although_the_site_accepts_only_its_own_host_name_and_HTTPS()
    {
        var deployment = Assert.Single(HostingPage.Examples("Kubernetes", "yaml"));
        var port = FreePort.Next();
        await using var running = await RunAsync(port, ("AllowedHosts", "shop.example.com"), ("ASPNETCORE_HTTPS_PORT", "443"));
        using var kubelet = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        };

        Assert.Equal(HttpStatusCode.BadRequest, (await kubelet.GetAsync("/health/live")).StatusCode);
        var probes = Probe().Matches(deployment);
        Assert.Equal(["/health/live", "/health/ready"], probes.Select(probe => probe.Groups["path"].Value));
        foreach (Match probe in probes)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, probe.Groups["path"].Value);
            foreach (Match header in Header().Matches(probe.Value))
                request.Headers.Add(header.Groups[1].Value, header.Groups[2].Value);
            Assert.Equal(HttpStatusCode.OK, (await kubelet.SendAsync(request)).StatusCode);
        }
    }

    [Theory]
    [InlineData("--tmpfs /tmp", "The directory for temporary files: /tmp/ cannot be written", "Mount a writable directory at /tmp")]
    [InlineData(
        "--volume shop-home:/home/app",
        "TokenSession:DataProtectionKeyDirectory: /home/app/keys cannot be written",
        "Set a directory that this site can write"
    )]
    public async Task Without_a_mount_it_does_not_start_and_names_the_directory(string mount, string problem, string remedy)
    {
        Assert.Contains(mount, Command, StringComparison.Ordinal);
        var command = Command.Replace(mount, "", StringComparison.Ordinal);

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            Container.RunAsync(command, site.Image, volume, new Dictionary<string, string>())
        );

        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, failure.Message, StringComparison.Ordinal);
    }

    private async Task<RunningSite> RunAsync(int port, params (string Name, string Value)[] settings)
    {
        // Docker gives a new volume the owner of the directory in the image.
        (await Cli.RunAsync("chown", ["--reference", Path.Combine(site.Image.Root, "home", "app"), volume], volume)).ShouldSucceed();
        var all = new Dictionary<string, string> { ["ASPNETCORE_HTTP_PORTS"] = $"{port}", ["Backend__Url"] = $"{site.Backend.Url}" };
        foreach (var (name, value) in settings)
            all[name] = value;
        return await Container.RunAsync(Command, site.Image, volume, all);
    }

    [GeneratedRegex(@"httpGet:\n +path: (?<path>\S+)\n(?: {14,}.*\n)*")]
    private static partial Regex Probe();

    [GeneratedRegex(@"\{ name: ([\w-]+), value: ([^ ]+) \}")]
    private static partial Regex Header();
}
