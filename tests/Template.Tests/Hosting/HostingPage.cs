using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>The examples of docs/hosting.md.</summary>
public static partial class HostingPage
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "hosting.md"));

    /// <summary>The examples in one language below a heading, in their order. The empty language is that of commands and settings.</summary>
    public static IReadOnlyList<string> Examples(string heading, string language) => Examples(Text, heading, language);

    /// <summary>The lines of C# that content/README.md adds to Program.cs for a site below a path: for a proxy that keeps the path, and for
    /// one that removes it.</summary>
    public static IReadOnlyList<string> BelowAPath() =>
        Examples(File.ReadAllText(Path.Combine(Repository.Content, "README.md")), "Below a path", "csharp");

    private static List<string> Examples(string page, string heading, string language)
    {
        var section = Assert.Single(Section().Matches(page), section => section.Groups[1].Value == heading);
        return
        [
            .. Block()
                .Matches(section.Value)
                .Where(block => block.Groups["language"].Value == language)
                .Select(block => block.Groups["lines"].Value),
        ];
    }

    [GeneratedRegex(@"^## (.+)\n(?:(?!^## ).*\n)*", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"^ *```(?<language>\w*)\n(?<lines>.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
