namespace Template.Tests.Infrastructure;

/// <summary>A folder outside the repository, only for this run. Inside the repository, a generated site would inherit the repository's
/// build files, and the template engine would find an unpacked package as a second template.</summary>
public sealed class Scratch : IDisposable
{
    public string Root { get; } =
        Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "tokensession-tests", Guid.NewGuid().ToString("n"))).FullName;

    /// <summary>Creates an empty folder with a unique name, so that sites with equal names do not conflict.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Root, Guid.NewGuid().ToString("n")[..8])).FullName;

    /// <summary>TOKENSESSION_KEEP=1 keeps the folder with the generated sites.</summary>
    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("TOKENSESSION_KEEP") != "1")
            Directory.Delete(Root, recursive: true);
    }
}
