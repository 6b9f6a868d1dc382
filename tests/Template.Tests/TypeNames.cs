using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The simple names of types that the code of the content uses.</summary>
public static partial class TypeNames
{
    /// <summary>Returns the words of the sources that are also the name of a public type in a referenced assembly.</summary>
    public static SortedSet<string> UsedBy(GeneratedSite site)
    {
        var types = Assemblies(site).SelectMany(PublicTypes).ToHashSet(StringComparer.Ordinal);
        var words = site.Files().SelectMany(file => Words(Path.Combine(site.Root, file)));
        return new SortedSet<string>(words.Where(types.Contains), StringComparer.Ordinal);
    }

    private static IEnumerable<string> Words(string file)
    {
        var code = Path.GetExtension(file) switch
        {
            ".cs" => Comment().Replace(File.ReadAllText(file), ""),
            ".cshtml" => string.Join('\n', File.ReadLines(file).Where(line => line.TrimStart().StartsWith('@'))),
            _ => "",
        };
        return Word().Matches(code).Select(match => match.Value);
    }

    private static IEnumerable<string> Assemblies(GeneratedSite site)
    {
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var aspNetCore = runtime.Replace("Microsoft.NETCore.App", "Microsoft.AspNetCore.App");
        return Directory
            .GetFiles(site.Root, "*.dll", SearchOption.AllDirectories)
            .Where(file => file.Split(Path.DirectorySeparatorChar).Contains("bin"))
            .Concat(Directory.GetFiles(runtime, "*.dll"))
            .Concat(Directory.GetFiles(aspNetCore, "*.dll"))
            .DistinctBy(file => Path.GetFileName(file));
    }

    private static List<string> PublicTypes(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        if (!file.HasMetadata)
            return [];
        var metadata = file.GetMetadataReader();
        return
        [
            .. metadata
                .TypeDefinitions.Select(metadata.GetTypeDefinition)
                .Where(type =>
                    (type.Attributes & System.Reflection.TypeAttributes.VisibilityMask) == System.Reflection.TypeAttributes.Public
                )
                .Select(type => metadata.GetString(type.Name).Split('`')[0]),
        ];
    }

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    // Neither a member (after a dot) nor the target of an assignment: the compiler does not look these up as types.
    [GeneratedRegex(@"(?<![.\w])[A-Z]\w*\b(?!\s*=(?![=>]))")]
    private static partial Regex Word();
}
