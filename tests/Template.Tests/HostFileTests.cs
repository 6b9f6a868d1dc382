using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The host files describe every option of the templates for the command line and the IDEs, and describe no option that does not
/// exist.</summary>
public sealed partial class HostFileTests
{
    public static TheoryData<string> Folders { get; } = [".template.config", "template/page/.template.config"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_command_line_has_a_long_name_for_each_option_and_no_random_letter(string folder)
    {
        var symbols = Read(folder, "dotnetcli.host.json").GetProperty("symbolInfo").EnumerateObject().ToList();

        Assert.Equal(Parameters(folder), symbols.Select(symbol => symbol.Name).Order());
        Assert.All(
            symbols,
            symbol =>
            {
                Assert.Matches(LongName(), symbol.Value.GetProperty("longName").GetString());
                // As in the templates of the SDK.
                Assert.Equal(symbol.Name is "Framework" ? "f" : "", symbol.Value.GetProperty("shortName").GetString());
            }
        );
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_IDE_file_says_for_each_option_whether_to_show_it(string folder)
    {
        var symbols = Read(folder, "ide.host.json").GetProperty("symbolInfo").EnumerateArray().ToList();

        Assert.Equal(Parameters(folder), symbols.Select(symbol => symbol.GetProperty("id").GetString()!).Order());
        Assert.All(symbols, symbol => symbol.GetProperty("isVisible").GetBoolean());
    }

    [Fact]
    public void The_icon_for_IDEs_exists()
    {
        var icon = Read(".template.config", "ide.host.json").GetProperty("icon").GetString()!;

        Assert.True(File.Exists(Path.Combine(Repository.Root, ".template.config", icon)), icon);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Each_option_and_choice_has_a_name_and_a_description(string folder)
    {
        foreach (var symbol in Symbols(folder))
        {
            var choices = symbol.Value.TryGetProperty("choices", out var some) ? some.EnumerateArray().ToList() : [];
            Assert.All(
                choices.Append(symbol.Value),
                element =>
                {
                    Assert.NotEmpty(element.GetProperty("displayName").GetString()!);
                    Assert.EndsWith(".", element.GetProperty("description").GetString()!);
                }
            );
        }
    }

    private static IEnumerable<string> Parameters(string folder) => Symbols(folder).Select(symbol => symbol.Name).Order();

    private static IEnumerable<JsonProperty> Symbols(string folder) =>
        Read(folder, "template.json")
            .GetProperty("symbols")
            .EnumerateObject()
            .Where(symbol => symbol.Value.GetProperty("type").GetString() == "parameter");

    private static JsonElement Read(string folder, string file) =>
        JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, folder, file)));

    [GeneratedRegex("^[a-z]+(-[a-z]+)*$")]
    private static partial Regex LongName();
}
