using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>The image of a site: built by the SDK, written to a file, and unpacked.</summary>
public sealed partial class ContainerImage
{
    private readonly JsonElement config;

    private ContainerImage(string root, string tag, JsonElement config) => (Root, Tag, this.config) = (root, tag, config);

    /// <summary>The folder with its file system.</summary>
    public string Root { get; }

    /// <summary>Its name, such as site:latest.</summary>
    public string Tag { get; }

    public string User => config.GetProperty(nameof(User)).GetString()!;

    public string WorkingDirectory => config.GetProperty("WorkingDir").GetString()!;

    public IReadOnlyList<string> EntryPoint => config.GetProperty("Entrypoint").Deserialize<string[]>()!;

    public IReadOnlyList<string> Environment => config.GetProperty("Env").Deserialize<string[]>()!;

    public IReadOnlyList<string> Ports => [.. config.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name)];

    public string AppFolder => Path.Combine(Root, "app");

    public string Assembly => Path.Combine(Root, EntryPoint[^1].TrimStart('/'));

    /// <summary>Runs the command of docs/hosting.md. Only the base image and the destination are those of this test.</summary>
    public static async Task<ContainerImage> BuildAsync(GeneratedSite site, string folder)
    {
        using var registry = new BaseImageRegistry();
        var command = HostingPage.Examples("Container", "")[0].Trim();
        var words = command.Replace("src/Shop", Path.Combine("src", site.FileName), StringComparison.Ordinal).Split(' ');
        Assert.Equal("dotnet", words[0]);
        var archive = Path.Combine(folder, "image.tar");
        string[] ofThisTest = [$"-p:ContainerBaseImage={registry.Image}", $"-p:ContainerArchiveOutputPath={archive}"];
        (await Cli.RunAsync("dotnet", [.. words[1..], .. ofThisTest], site.Root)).ShouldSucceed();
        return await UnpackAsync(archive, folder);
    }

    /// <summary>The settings in lines such as --env NAME=VALUE or NAME=VALUE.</summary>
    public static Dictionary<string, string?> Settings(string example) =>
        Setting().Matches(example).ToDictionary(match => match.Groups["name"].Value, match => (string?)match.Groups["value"].Value);

    private static async Task<ContainerImage> UnpackAsync(string archive, string folder)
    {
        var unpacked = Directory.CreateDirectory(Path.Combine(folder, "image")).FullName;
        var root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        (await Cli.RunAsync("tar", ["-xf", archive], unpacked)).ShouldSucceed();
        var manifest = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(unpacked, "manifest.json")))[0];
        foreach (var layer in manifest.GetProperty("Layers").Deserialize<string[]>()!)
            (await Cli.RunAsync("tar", ["-xf", Path.Combine(unpacked, layer)], root)).ShouldSucceed();

        var image = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(unpacked, manifest.GetProperty("Config").GetString()!)));
        return new(root, Assert.Single(manifest.GetProperty("RepoTags").Deserialize<string[]>()!), image.GetProperty("config"));
    }

    [GeneratedRegex(@"(?:^|--env )(?<name>\w+)=(?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
