using System.Reflection;
using System.Runtime.InteropServices;

namespace Template.Tests.Infrastructure;

/// <summary>The runtime of .NET 11 without its SDK and without another version, as on a server that has .NET 11 only. Its files come from NuGet
/// (Template.Tests.csproj).</summary>
public static class Net11
{
    public static string Version { get; } = Metadata("Net11Version");

    public static bool IsAvailable { get; } = OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture is Architecture.X64;

    /// <summary>Lays the runtime out in a new folder, and returns the path of its command `dotnet`.</summary>
    public static string LayOut(string folder)
    {
        var core = CopyFramework("Microsoft.NETCore.App", folder);
        CopyFramework("Microsoft.AspNetCore.App", folder);
        var host = Directory.CreateDirectory(Path.Combine(folder, "host", "fxr", Version)).FullName;
        File.Copy(Path.Combine(core, "libhostfxr.so"), Path.Combine(host, "libhostfxr.so"));

        // NuGet does not have this file. It starts the libhostfxr.so that it finds in the folders beside it.
        var dotnet = Path.Combine(folder, "dotnet");
        File.Copy(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"), dotnet);
        return dotnet;
    }

    private static string CopyFramework(string name, string folder)
    {
        var package = Path.Combine(Metadata("NuGetPackages"), $"{name}.Runtime.linux-x64".ToLowerInvariant(), Version);
        var target = Directory.CreateDirectory(Path.Combine(folder, "shared", name, Version)).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(package, "runtimes"), "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        return target;
    }

    private static string Metadata(string key) =>
        typeof(Net11).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
