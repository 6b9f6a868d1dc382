using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>What a reader sees first in the README of the repository and of the package.</summary>
public sealed class ReadmeTests
{
    [Theory]
    [InlineData("README.md"), InlineData("template/README.md")]
    public void Its_first_15_lines_say_what_it_is_for_whom_it_is_not_and_what_to_take_instead(string file)
    {
        var head = string.Join('\n', Lines(file).Take(15));

        string[] isAndIsFor =
        [
            "`dotnet new` template",
            "Razor Pages",
            "Directus",
            "ASP.NET Core Identity",
            "refresh token",
            "It is for you",
        ];
        string[] isNotFor = ["It is not for you", "OpenID Connect", "OAuth", "single-page app", "Blazor", "stores its own users"];
        string[] instead = ["`AddOpenIdConnect`", "Duende.AccessTokenManagement", "BFF", "dotnet new blazor --auth Individual"];
        Assert.All([.. isAndIsFor, .. isNotFor, .. instead], text => Assert.Contains(text, head));
    }

    [Fact]
    public void Then_come_the_picture_and_two_commands()
    {
        var lines = Lines("README.md").ToList();

        var picture = lines.FindIndex(line => line.StartsWith("![", StringComparison.Ordinal));
        var commands = lines.Where(line => line.StartsWith("dotnet tool restore && dotnet cake", StringComparison.Ordinal)).ToList();

        Assert.InRange(picture, 1, 16);
        Assert.Equal(["dotnet tool restore && dotnet cake --target=Try", "dotnet tool restore && dotnet cake --target=Test"], commands);
        Assert.All(commands, command => Assert.InRange(lines.IndexOf(command), picture, picture + 20));
    }

    private static IEnumerable<string> Lines(string file) => File.ReadLines(Path.Combine(Repository.Root, file));
}
