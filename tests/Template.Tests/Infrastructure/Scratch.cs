namespace Template.Tests.Infrastructure;

/// <summary>
/// A folder of this run's own outside the repository: a site generated inside it would inherit the repository's build files,
/// and the template engine would take a package unpacked there for a second template.
/// </summary>
public sealed class Scratch : IDisposable
{
    public string Root { get; } =
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "tokensession-tests", Guid.NewGuid().ToString("n"))).FullName;

    /// <summary>Creates an empty folder with a unique name, so that sites with equal names do not conflict.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Root, Guid.NewGuid().ToString("n")[..8])).FullName;

    /// <summary>TOKENSESSION_KEEP=1 keeps the folder, to look at what was generated.</summary>
    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("TOKENSESSION_KEEP") != "1")
            Directory.Delete(Root, recursive: true);
    }
}
