using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>Runs docs/upgrading.md line by line on a site of 0.1.0 that its owner has changed.</summary>
public sealed partial class UpgradeTests(TemplatePackage package)
{
    private static readonly Dictionary<string, string?> Owner = new()
    {
        ["GIT_AUTHOR_NAME"] = "Owner",
        ["GIT_AUTHOR_EMAIL"] = "owner@example.com",
        ["GIT_COMMITTER_NAME"] = "Owner",
        ["GIT_COMMITTER_EMAIL"] = "owner@example.com",
    };

    private readonly string folder = package.NewFolder();
    private readonly List<string> conflicts = [];

    private string Root => Path.Combine(folder, "MySite");

    private string[] Hive => ["--debug:custom-hive", Path.Combine(folder, "hive")];

    private string Packages => Path.Combine(folder, "packages");

    [Fact]
    public async Task A_changed_site_of_0_1_0_becomes_one_of_this_version_with_the_changes_of_its_owner()
    {
        await OldVersion.SkipWithoutCommitAsync();
        await OldVersion.PackAsync(folder, Packages);
        File.Copy(package.PackageFile, Path.Combine(Packages, Path.GetFileName(package.PackageFile)));
        var owner = new ChangedSite(Root);
        await GenerateAsync();
        await GitAsync("init", "--quiet", "--initial-branch", "main");
        await CommitAsync("A new site");
        owner.ChangeAsItsOwner();
        await CommitAsync("What is ours");
        var launchSettings = Path.Combine(Root, "src", "MySite", "Properties", "launchSettings.json");
        var ports = File.ReadAllText(launchSettings);

        foreach (var line in Lines())
            await FollowAsync(line, owner);

        var site = new GeneratedSite("MySite", Root);
        Assert.NotEmpty(conflicts);
        Assert.Equal(ports, File.ReadAllText(launchSettings));
        Assert.Equal("", await GitAsync("status", "--porcelain"));
        Assert.Equal(ChangedSite.Files.Order(), (await GitAsync("diff", "--name-only", "template", "main")).Split('\n').Order());
        Assert.Contains("--account true --redis true", File.ReadAllText(Path.Combine(Root, "README.md")));
        Assert.True(File.Exists(Path.Combine(site.SiteFolder, "Pages", "Account", "ForgotPassword.cshtml")), "The option is not on.");
        Assert.True(File.Exists(Path.Combine(Root, "compose.yaml")), "The second option is not on.");
        string[] classes = ["Tests.OrdersTests", "Tests.Backend.CustomBackendTests", "Tests.Session.RestrictionTests"];
        string[] tests = ["test", "--project", site.TestProject, .. GeneratedSite.Filter("--filter-class", classes)];
        (await Cli.RunAsync("dotnet", [.. tests, "--output", "Detailed"], Root)).ShouldHavePassed(classes);
    }

    private async Task GenerateAsync()
    {
        string[] install = ["new", "install", "TokenSession.Template@0.1.0", "--add-source", Packages, .. Hive];
        (await Cli.RunAsync("dotnet", install, folder)).ShouldSucceed();
        string[] options = ["--backend", "custom", "--tests", "true", "--sample", "true", "--no-restore"];
        (await Cli.RunAsync("dotnet", ["new", "tokensession", "--name", "MySite", .. options, .. Hive], folder)).ShouldSucceed();
    }

    /// <summary>Runs a line of the page, and does before and after it what the page says in words.</summary>
    private async Task FollowAsync(string line, ChangedSite owner)
    {
        var words = Cli.Words(line);
        switch (words)
        {
            case ["dotnet", "new", "install", ..]:
                (await Cli.RunAsync("dotnet", [.. words[1..], "--add-source", Packages, .. Hive], Root)).ShouldSucceed();
                break;
            case ["dotnet", "new", ..]:
                (await Cli.RunAsync("dotnet", [.. words[1..], .. Hive], Root)).ShouldSucceed();
                break;
            case ["git", "merge", "--no-edit", "template"] when conflicts.Count is 0:
                Assert.NotEqual(0, (await Cli.RunAsync("git", words[1..], Root, Owner)).ExitCode);
                conflicts.AddRange((await GitAsync("diff", "--name-only", "--diff-filter=U")).Split('\n'));
                break;
            case ["git", "diff", .., var file]:
                Assert.Contains(file, conflicts);
                Assert.Contains("\n+", await GitAsync(words[1..]));
                break;
            case ["git", "checkout", "--theirs", var example]:
                Assert.Contains(example, conflicts);
                foreach (var file in conflicts.Where(file => file != "src/MySite/Backend/CustomAuthApi.cs"))
                    await GitAsync("checkout", "--theirs", file);
                break;
            case ["git", "rm", var file]:
                await GitAsync("rm", "--quiet", file);
                owner.ChangeAgain();
                owner.RenameSettings();
                owner.RenameTypes(RenamedTypesTests.Renamed);
                break;
            case ["git", ..]:
                await GitAsync(words[1..]);
                break;
            default:
                throw new InvalidOperationException($"Neither git nor dotnet new: {line}");
        }
    }

    private static List<string> Lines()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "upgrading.md"));
        var blocks = Block().Matches(page).Select(block => block.Groups[1].Value);
        List<string> lines = [.. blocks.SelectMany(block => block.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        Assert.True(lines.Count > 20, "The page has hardly any command; are they still between three backticks?");
        return lines;
    }

    private async Task CommitAsync(string message)
    {
        await GitAsync("add", "--all");
        await GitAsync("commit", "--quiet", "--message", message);
    }

    private async Task<string> GitAsync(params string[] args) =>
        (await Cli.RunAsync("git", args, Root, Owner)).ShouldSucceed().Output.Trim().ReplaceLineEndings("\n");

    [GeneratedRegex(@"^```\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
