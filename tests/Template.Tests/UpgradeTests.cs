using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>Runs docs/upgrading.md line by line on a site that its owner has changed.</summary>
public sealed partial class UpgradeTests(TemplatePackage package)
{
    private static readonly Dictionary<string, string?> Somebody = new()
    {
        ["GIT_AUTHOR_NAME"] = "Somebody",
        ["GIT_AUTHOR_EMAIL"] = "somebody@example.com",
        ["GIT_COMMITTER_NAME"] = "Somebody",
        ["GIT_COMMITTER_EMAIL"] = "somebody@example.com",
    };

    [Fact]
    public async Task A_changed_site_gets_what_a_newer_version_changed_and_keeps_what_is_its_own()
    {
        var folder = package.NewFolder();
        var site = await package.GenerateInAsync(folder, "MySite", "--backend", "custom", "--tests", "true", "--no-restore");
        var (program, page) = (Path.Combine(site.SiteFolder, "Program.cs"), Path.Combine(site.SiteFolder, "Pages", "Index.cshtml"));
        await GitAsync(site.Root, "init", "--quiet", "--initial-branch", "main");
        await CommitAsync(site.Root, "A new site");
        Replace(program, "app.Run();", "app.MapGet(\"/mine\", () => \"mine\");\napp.Run();");
        Replace(page, "A site whose", "Our site, whose");
        await CommitAsync(site.Root, "What is ours");
        var ports = File.ReadAllText(Path.Combine(site.SiteFolder, "Properties", "launchSettings.json"));

        await FollowAsync(site.Root, newer: await PackNewerVersionAsync(folder));

        Assert.Contains("app.MapGet(\"/mine\"", File.ReadAllText(program));
        Assert.Contains("// A newer version says why.\nvar builder", File.ReadAllText(program));
        Assert.Contains("Our site, whose", File.ReadAllText(page));
        Assert.Contains("Newer: this page", File.ReadAllText(page));
        Assert.True(File.Exists(Path.Combine(site.SiteFolder, "Newer.cs")), "The new file did not come.");
        Assert.False(File.Exists(Path.Combine(site.SiteFolder, "wwwroot", "favicon.svg")), "The dropped file did not go.");
        Assert.Contains("TokenSession.Template 0.2.0,", File.ReadAllText(Path.Combine(site.Root, "README.md")));
        Assert.Equal(ports, File.ReadAllText(Path.Combine(site.SiteFolder, "Properties", "launchSettings.json")));
        Assert.Contains("builder.AddAccount();", File.ReadAllText(program));
        Assert.True(File.Exists(Path.Combine(site.SiteFolder, "Pages", "Account", "ForgotPassword.cshtml")), "The option is not on.");
        Assert.Contains("builder.AddRedisSessions();", File.ReadAllText(program));
        Assert.True(File.Exists(Path.Combine(site.Root, "compose.yaml")), "The second option is not on.");
        Assert.Empty((await GitAsync(site.Root, "status", "--porcelain")).Output.Trim());
        string[] tests = ["test", "--project", site.TestProject, "--filter-class", "Tests.Session.RestrictionTests"];
        (await Cli.RunAsync("dotnet", tests, site.Root)).ShouldSucceed();
    }

    private async Task FollowAsync(string root, string newer)
    {
        string[] hive = ["--debug:custom-hive", Path.Combine(package.NewFolder(), "hive")];
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "upgrading.md"));
        var lines = Block()
            .Matches(page)
            .SelectMany(block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        Assert.True(lines.Count > 10, "The page has hardly any command; are they still between three backticks?");
        foreach (var line in lines)
        {
            var words = Word().Matches(line).Select(word => word.Value.Trim('"')).ToList();
            string[] command = words switch
            {
                ["dotnet", "new", "install", "TokenSession.Template@0.1.0"] => ["dotnet", "new", "install", package.PackageFile, .. hive],
                ["dotnet", "new", "install", "TokenSession.Template@0.2.0"] => ["dotnet", "new", "install", newer, .. hive],
                ["dotnet", "new", ..] => [.. words, .. hive],
                ["git", ..] => [.. words],
                _ => throw new InvalidOperationException($"Neither git nor dotnet new: {line}"),
            };
            (await Cli.RunAsync(command[0], command[1..], root, Somebody)).ShouldSucceed();
        }
    }

    /// <summary>The same template with some changed lines, one more file and one file less.</summary>
    private static async Task<string> PackNewerVersionAsync(string folder)
    {
        var next = Path.Combine(folder, "next");
        foreach (var file in await Repository.TrackedFilesAsync(".template.config", "content", "template", "CHANGELOG.md"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(next, file))!);
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(next, file));
        }

        var site = Path.Combine(next, "content", "src", "TokenSession.Site");
        Replace(Path.Combine(site, "Program.cs"), "var builder", "// A newer version says why.\nvar builder");
        Replace(Path.Combine(site, "Pages", "Index.cshtml"), "This page is for", "Newer: this page changed. This page is for");
        File.WriteAllText(Path.Combine(site, "Newer.cs"), "namespace TokenSessionSite;\n\ninternal static class Newer;\n");
        File.Delete(Path.Combine(site, "wwwroot", "favicon.svg"));
        await GitAsync(next, "init", "--quiet");
        await CommitAsync(next, "The next version");
        string[] pack = ["pack", Path.Combine("template", "TokenSession.Template.csproj"), "-p:Version=0.2.0", "-o", folder];
        (await Cli.RunAsync("dotnet", pack, next)).ShouldSucceed();
        return Path.Combine(folder, "TokenSession.Template.0.2.0.nupkg");
    }

    private static void Replace(string file, string what, string with)
    {
        var text = File.ReadAllText(file);
        Assert.Contains(what, text);
        File.WriteAllText(file, text.Replace(what, with));
    }

    private static async Task CommitAsync(string root, string message)
    {
        await GitAsync(root, "add", "--all");
        await GitAsync(root, "commit", "--quiet", "--message", message);
    }

    private static async Task<CliResult> GitAsync(string root, params string[] args) =>
        (await Cli.RunAsync("git", args, root, Somebody)).ShouldSucceed();

    [GeneratedRegex(@"^```\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(
        """
            "[^"]*"|\S+
            """
    )]
    private static partial Regex Word();
}
