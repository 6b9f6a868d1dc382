using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>docs/configuration.md has each setting once, with the default that the code has.</summary>
public sealed partial class ConfigurationPageTests(TemplatePackage package)
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));

    [Theory]
    [InlineData("TokenSession", "Session.TokenSessionOptions")]
    [InlineData("Backend", "Backend.BackendOptions")]
    [InlineData("Account", "Session.Account.AccountOptions")]
    public async Task It_has_each_setting_once_with_its_type_and_default(string section, string type)
    {
        var settings = await SettingsAsync(section, type);
        var rows = Row().Matches(Page).Select(row => (Setting: row.Groups["name"].Value, Default: row.Groups["default"].Value));

        var documented = rows.Where(row => row.Setting.StartsWith($"{section}:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(settings);
        Assert.Equal(settings.Select(setting => setting.Name).Order(), documented.Select(row => row.Setting).Order());
        Assert.All(documented, row => Assert.Matches(settings.Single(setting => setting.Name == row.Setting).Default, row.Default));
    }

    [Fact]
    public void Each_row_says_what_the_setting_does_when_to_change_it_and_what_breaks()
    {
        var rows = Row().Matches(Page);
        Assert.True(rows.Count > 40, "The page has hardly any setting; are they still in tables with five columns?");
        Assert.All(rows, row => Assert.All(row.Groups["text"].Captures, text => Assert.NotEqual("", text.Value.Trim())));
    }

    /// <summary>The settings of a built site, and what the page has to say of the type and the default of each.</summary>
    private async Task<List<(string Name, string Default)>> SettingsAsync(string section, string type)
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options("directus", account: "true"));
        (await site.BuildAsync()).ShouldSucceed();
        var options = Activator.CreateInstance(Assembly.LoadFrom(site.SiteAssembly).GetType($"Acme.Web.{type}", throwOnError: true)!)!;
        return
        [
            .. options
                .GetType()
                .GetProperties()
                .Where(property => property.SetMethod is { IsPublic: true })
                .Select(property =>
                    ($"{section}:{property.Name}", $"^{TypeOf(property)}, {Text(property, property.GetValue(options))}(: .+)?$")
                ),
        ];
    }

    private static string TypeOf(PropertyInfo property) =>
        property.PropertyType switch
        {
            var type when type == typeof(bool) => "`true` or `false`",
            var type when type == typeof(int) => "number",
            var type when type == typeof(TimeSpan) || type == typeof(TimeSpan?) => "duration",
            var type when type == typeof(string) => "text",
            _ => "list of paths",
        };

    private static string Text(PropertyInfo property, object? value) =>
        value switch
        {
            null => "none",
            bool flag => flag ? "`true`" : "`false`",
            string when property.Name is "CookiePrefix" => "from the project's name",
            string text => Regex.Escape($"`{text.Replace("acme_web", "{prefix}", StringComparison.Ordinal)}`"),
            ICollection { Count: 0 } => "none",
            _ => string.Create(CultureInfo.InvariantCulture, $"`{value}`"),
        };

    [GeneratedRegex(
        @"^\| `(?<name>[\w:]+)` \| (?<default>[^|]+) \|(?<text>[^|]*)\|(?<text>[^|]*)\|(?<text>[^|]*)\|$",
        RegexOptions.Multiline
    )]
    private static partial Regex Row();
}
