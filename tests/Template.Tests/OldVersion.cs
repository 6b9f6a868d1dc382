using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>Version 0.1.0, from its last commit.</summary>
internal static class OldVersion
{
    public const string Commit = "acf87f57c5d53517eba1a38c58b99ab490f20698";

    /// <summary>Skips the test in a clone that does not have the commit.</summary>
    public static async Task SkipWithoutCommitAsync()
    {
        var commit = await Cli.RunAsync("git", ["cat-file", "-e", $"{Commit}^{{commit}}"], Repository.Root);
        Assert.SkipUnless(commit.ExitCode == 0, $"This clone does not have {Commit}, the last commit of 0.1.0. Run git fetch --unshallow.");
    }

    /// <summary>Packs it into a folder.</summary>
    public static async Task PackAsync(string scratch, string packages)
    {
        var source = Path.Combine(scratch, "0.1.0");
        string[] clone = ["clone", "--quiet", "--shared", "--no-checkout", Repository.Root, source];
        (await Cli.RunAsync("git", clone, scratch)).ShouldSucceed();
        (await Cli.RunAsync("git", ["checkout", "--quiet", "--detach", Commit], source)).ShouldSucceed();
        var project = Path.Combine(source, "template", "TokenSession.Template.csproj");

        // Not in the folder of the source: its global.json asks for the SDK of that time.
        (await Cli.RunAsync("dotnet", ["pack", project, "-o", packages], scratch)).ShouldSucceed();
    }

    /// <summary>The lines of its code that begin the declaration of a type outside another type.</summary>
    public static async Task<string> TypeDeclarationsAsync()
    {
        string[] files = ["content/src/*.cs", "content/tests/*/Infrastructure/*.cs"];
        var lines = await Cli.RunAsync("git", ["grep", "-hE", "^(public|internal) ", Commit, "--", .. files], Repository.Root);
        return lines.ShouldSucceed().Output;
    }
}
