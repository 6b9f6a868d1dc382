namespace Template.Tests.Infrastructure;

/// <summary>The checkout of these tests.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Content { get; } = Path.Combine(Root, "content");

    public static string PackProject { get; } = Path.Combine(Root, "template", "TokenSession.Template.csproj");

    /// <summary>Returns the paths of the files that git tracks below <paramref name="folders"/>, relative to the root and with forward
    /// slashes.</summary>
    public static async Task<IReadOnlyList<string>> TrackedFilesAsync(params string[] folders)
    {
        var listing = await Cli.RunAsync("git", ["ls-files", "-z", "--", .. folders], Root);
        return listing.ShouldSucceed().Output.Trim().Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Returns the target of a link in one of the files, relative to the root.</summary>
    public static string Resolve(string file, string link)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Root, file))!;
        return Path.GetRelativePath(Root, Path.GetFullPath(Path.Combine(folder, link))).Replace('\\', '/').TrimEnd('/');
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, ".template.config")))
                return folder.FullName;
        }
        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds .template.config: run the tests in the repository."
        );
    }
}
