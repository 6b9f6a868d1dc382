namespace Tests.Infrastructure;

/// <summary>An empty folder, which is deleted with its files at the end of a test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("site-tests-").FullName;

    /// <summary>The full path of a file or folder in this folder.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
