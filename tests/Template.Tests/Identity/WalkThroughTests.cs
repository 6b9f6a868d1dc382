using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

/// <summary>The walk-through of README.md, line by line, in an empty folder.</summary>
[Collection(typeof(UndisturbedCollection))]
public sealed partial class WalkThroughTests(TemplatePackage package) : IAsyncDisposable
{
    private readonly string folder = package.NewFolder();
    private readonly List<RunningSite> running = [];

    // Another program may use an address of the README on this machine.
    private readonly string section = Section()
        .Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md")))
        .Value.Replace("localhost:5001", $"localhost:{FreePort.Next()}", StringComparison.Ordinal);

    [Fact]
    public async Task Its_lines_make_an_API_with_Identity_and_a_site_whose_users_sign_in_there()
    {
        var blocks = Block().Matches(section);
        Assert.Equal(3, blocks.Count(block => block.Groups["language"].Length is 0));
        foreach (Match block in blocks)
        {
            var lines = block.Groups["lines"].Value;
            if (block.Groups["language"].Value is "csharp")
                File.WriteAllText(Path.Combine(folder, block.Groups["file"].Value), lines);
            else
                foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    await PerformAsync(Cli.Words(line));
        }

        var user = JsonElement.Parse(Json().Match(section).Groups[1].Value);
        await AssertSignsInAsync(running[^1], user.GetProperty("email").GetString()!, user.GetProperty("password").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in running)
            await process.DisposeAsync();
    }

    private async Task PerformAsync(string[] words)
    {
        switch (words)
        {
            case ["dotnet", "new", .. var args]:
                (await package.NewAsync(folder, args)).ShouldSucceed();
                break;
            case ["dotnet", "run", ..]:
                running.Add(await RunningSite.StartAsync(Cli.StartInfo("dotnet", words[1..], folder)));
                break;
            case ["curl", .. var args]:
                (await Cli.RunAsync("curl", [.. args, "--fail-with-body"], folder)).ShouldSucceed();
                break;
            default:
                (await Cli.RunAsync(words[0], words[1..], folder)).ShouldSucceed();
                break;
        }
    }

    private static async Task AssertSignsInAsync(RunningSite site, string email, string password)
    {
        var browser = new SiteClient(site.BaseAddress, "shop");
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/app")).Status);

        var answer = await browser.SubmitAsync("/login", ("Email", email), ("Password", password));

        Assert.True(answer.IsRedirect, $"{answer}\n{site.Output}");
        var account = await browser.GetAsync(answer.Location!);
        Assert.Equal(HttpStatusCode.OK, account.Status);
        Assert.Contains(email, account.Body, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^### An API with ASP\.NET Core Identity.*?(?=^## )", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Section();

    // The text before a block of code ends with the name of its file.
    [GeneratedRegex(
        @"(`(?<file>[\w./]+)`[^`]*)?^```(?<language>\w*)\n(?<lines>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Block();

    [GeneratedRegex(@"'(\{.*\})'")]
    private static partial Regex Json();
}
