namespace Bench;

/// <summary>A folder outside the repository in which the template is packed and installed, and sites are generated and published, each
/// once.</summary>
internal sealed class Workshop : IDisposable
{
    private const string SiteName = "Bench.Site";

    private readonly Lazy<Task> install;
    private readonly Lazy<Task<string>> generated;
    private readonly Lazy<Task<string>> reference;

    public Workshop()
    {
        install = new(InstallAsync);
        generated = new(PublishGeneratedAsync);
        reference = new(PublishReferenceAsync);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("tokensession-bench-").FullName;

    public string Hive => Path.Combine(Root, "hive");

    private static string Repository { get; } = FindRepository();

    private static string ReferencePages => Path.Combine(Repository, "tests", "Bench.Reference", "Pages");

    /// <summary>The dll of the generated site, published, with the measured pages added to it.</summary>
    public Task<string> GeneratedAsync() => generated.Value;

    /// <summary>The dll of the reference sites.</summary>
    public Task<string> ReferenceAsync() => reference.Value;

    public Task InstallTemplateAsync() => install.Value;

    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Root, Guid.NewGuid().ToString("n")[..8])).FullName;

    public static async Task<string> PublishAsync(string project, string folder)
    {
        await Shell.RunAsync("dotnet", Path.GetDirectoryName(project)!, "publish", project, "-c", "Release", "-o", folder);
        return Path.Combine(folder, Path.GetFileNameWithoutExtension(project) + ".dll");
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private async Task InstallAsync()
    {
        var packages = Path.Combine(Root, "package");
        await Shell.RunAsync("dotnet", Repository, "pack", Path.Combine("template", "TokenSession.Template.csproj"), "-o", packages);
        await Shell.RunAsync(
            "dotnet",
            Root,
            "new",
            "install",
            Directory.GetFiles(packages, "*.nupkg").Single(),
            "--debug:custom-hive",
            Hive
        );
    }

    private async Task<string> PublishGeneratedAsync()
    {
        await InstallTemplateAsync();
        await Shell.RunAsync(
            "dotnet",
            Root,
            "new",
            "tokensession",
            "-n",
            SiteName,
            "--tests",
            "false",
            "--redis",
            "true",
            "--debug:custom-hive",
            Hive,
            "--no-update-check"
        );
        var project = Path.Combine(Root, SiteName, "src", SiteName, $"{SiteName}.csproj");
        foreach (var page in new[] { Path.Combine("App", "Bare.cshtml"), Path.Combine("App", "Name.cshtml"), "Vitals.cshtml" })
            File.Copy(Path.Combine(ReferencePages, page), Path.Combine(Path.GetDirectoryName(project)!, "Pages", page));
        return await PublishAsync(project, Path.Combine(Root, "generated"));
    }

    private Task<string> PublishReferenceAsync() =>
        PublishAsync(Path.Combine(Repository, "tests", "Bench.Reference", "Bench.Reference.csproj"), Path.Combine(Root, "reference"));

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, ".template.config")))
                return folder.FullName;
        }
        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds .template.config: run this in the repository."
        );
    }
}
