using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>A project with the name Task or Acme.Uri would hide the type of that name from its own code. Such a part of a namespace gets a
/// suffix. template.json has the list of these names, and `dotnet cake --target=Names` writes it.</summary>
public sealed partial class TypeNameTests(TemplatePackage package)
{
    private static readonly string TemplateJson = Path.Combine(Repository.Root, ".template.config", "template.json");

    [Fact]
    public async Task No_namespace_can_hide_a_type_that_the_content_uses()
    {
        var used = await UsedAsync();
        if (Environment.GetEnvironmentVariable("TOKENSESSION_WRITE_NAMES") == "1")
            Write(used);

        using var template = JsonDocument.Parse(File.ReadAllText(TemplateJson));
        var pattern = template.RootElement.GetProperty("forms").GetProperty("noType").GetProperty("pattern").GetString()!;
        var listed = new Regex(pattern);
        var missing = used.Where(name => !listed.IsMatch(name)).ToList();
        Assert.True(missing.Count == 0, $"Run `dotnet cake --target=Names`: template.json does not know of {string.Join(", ", missing)}.");
    }

    [Theory]
    [InlineData("Task", "custom")]
    [InlineData("Acme.Uri", "identity")]
    public async Task A_site_with_the_name_of_a_type_builds(string name, string backend)
    {
        var site = await package.GenerateAsync(name, "--backend", backend, "--tests", "false");

        (await site.BuildAsync()).ShouldSucceed();
    }

    private async Task<SortedSet<string>> UsedAsync()
    {
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var backend in new[] { "custom", "directus", "identity" })
        {
            var site = await package.GenerateAsync(
                "Acme.Web",
                OptionTests.Options(backend, account: "true", redis: backend is "custom" ? "true" : "false")
            );
            (await site.BuildAsync()).ShouldSucceed();
            used.UnionWith(TypeNames.UsedBy(site));
        }

        return used;
    }

    private static void Write(SortedSet<string> names)
    {
        var list = string.Join('|', names);
        File.WriteAllText(TemplateJson, NoTypeList().Replace(File.ReadAllText(TemplateJson), match => match.Groups[1].Value + list));
    }

    [GeneratedRegex("""("noType": \{\s*"identifier": "replace",\s*"pattern": "\(\^\|\\\\\.\)\()[^)]*""")]
    private static partial Regex NoTypeList();
}
