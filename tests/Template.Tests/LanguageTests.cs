using System.Text.Json;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>All texts of the templates are translated into German, French and Spanish.</summary>
public sealed partial class LanguageTests(TemplatePackage package)
{
    private static readonly string[] Languages = ["de", "es", "fr"];

    public static TheoryData<string, string> Translations { get; } =
        new MatrixTheoryData<string, string>([".template.config", "template/page/.template.config"], Languages);

    public static TheoryData<string> Folders { get; } = [".template.config", "template/page/.template.config"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_languages_are_the_same_for_each_template(string folder) =>
        Assert.Equal(
            Languages.Select(language => $"templatestrings.{language}.json"),
            Directory.GetFiles(Path.Combine(Repository.Root, folder, "localize")).Select(file => Path.GetFileName(file)).Order()
        );

    [Theory]
    [MemberData(nameof(Translations))]
    public void Each_text_of_the_template_is_translated_and_no_other_text(string folder, string language)
    {
        var (original, translated) = (Original(folder), Translated(folder, language));

        Assert.Equal(original.Keys.Order(), translated.Keys.Order());
        Assert.All(translated, entry => Assert.False(string.IsNullOrWhiteSpace(entry.Value), entry.Key));
        Assert.All(original.Where(IsASentence), entry => Assert.NotEqual(entry.Value, translated[entry.Key]));
    }

    [Theory]
    [MemberData(nameof(Translations))]
    public void The_names_of_options_are_the_same_in_every_language(string folder, string language)
    {
        var (original, translated) = (Original(folder), Translated(folder, language));

        foreach (var (key, text) in original)
            Assert.Equal(
                Verbatim().Matches(text).Select(match => match.Value),
                Verbatim().Matches(translated[key]).Select(match => match.Value)
            );
    }

    [Theory]
    [InlineData("de", "tokensession", "Die Website aktualisiert die Token", "Auch die Testprojekte generieren.")]
    [InlineData("fr", "tokensession", "Le site actualise les jetons", "Un serveur Directus.")]
    [InlineData("es", "tokensession", "Una API con los puntos de conexión de ASP.NET Core Identity (MapIdentityApi).")]
    [InlineData("es", "tokensession-page", "Una página, protegida o pública", "Generar también la prueba de la página")]
    public async Task The_help_is_in_the_language_of_the_user(string language, string template, params string[] words)
    {
        var help = (await package.NewInAsync(language, package.NewFolder(), template, "--help")).ShouldSucceed();

        var text = Space().Replace(help.Output, " ");
        Assert.All(words, word => Assert.Contains(word, text));
    }

    private static bool IsASentence(KeyValuePair<string, string> entry) => entry.Value.EndsWith('.');

    private static Dictionary<string, string> Translated(string folder, string language) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(
            File.ReadAllText(Path.Combine(Repository.Root, folder, "localize", $"templatestrings.{language}.json"))
        )!;

    /// <summary>Returns all texts for users in template.json, by the keys of the translations.</summary>
    private static Dictionary<string, string> Original(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, folder, "template.json")));
        var template = json.RootElement;
        var texts = new Dictionary<string, string>();
        Add(texts, "", template, "author", "name", "description");
        foreach (var symbol in template.GetProperty("symbols").EnumerateObject())
        {
            Add(texts, $"symbols/{symbol.Name}/", symbol.Value, "displayName", "description");
            if (symbol.Value.TryGetProperty("choices", out var choices))
            {
                foreach (var choice in choices.EnumerateArray())
                    Add(
                        texts,
                        $"symbols/{symbol.Name}/choices/{choice.GetProperty("choice").GetString()}/",
                        choice,
                        "displayName",
                        "description"
                    );
            }
        }

        foreach (var action in template.GetProperty("postActions").EnumerateArray())
        {
            var key = $"postActions/{action.GetProperty("id").GetString()}/";
            Add(texts, key, action, "description");
            Add(texts, $"{key}manualInstructions/default/", action.GetProperty("manualInstructions").EnumerateArray().Single(), "text");
        }

        return texts;
    }

    private static void Add(Dictionary<string, string> texts, string key, JsonElement element, params string[] properties)
    {
        foreach (var property in properties)
        {
            if (element.TryGetProperty(property, out var text))
                texts[key + property] = text.GetString()!;
        }
    }

    [GeneratedRegex(@"https://\S+?(?=[.,]?(\s|$))|dotnet \w+|\S+@\S+|README\.md|tokensession|[""*<>|\\$`]")]
    private static partial Regex Verbatim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
