using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>What an owner changed in a site of 0.1.0 with the name MySite, and how the same changes read in this version.</summary>
internal sealed partial class ChangedSite(string root)
{
    private const string Site = "src/MySite",
        Adapter = $"{Site}/Backend/CustomBackend.cs",
        AdapterTests = "tests/MySite.Tests/Backend/CustomBackendTests.cs",
        Orders = $"{Site}/Orders.cs",
        OrdersTests = "tests/MySite.Tests/OrdersTests.cs",
        Settings = $"{Site}/appsettings.Production.json";

    private static readonly Change[] ToOldVersion =
    [
        new($"{Site}/Program.cs", "\nvar app =", "\nbuilder.AddOrders();\n\nvar app ="),
        new($"{Site}/Program.cs", "app.Run();", "app.MapOrders();\napp.Run();"),
        new($"{Site}/Backend/CustomAuthApi.cs", "/auth/logout", "/auth/sign-out"),
        new(Adapter, "\"invalid_grant\")", "\"invalid_grant\" or \"session_replaced\")"),
        new(AdapterTests, "/auth/logout", "/auth/sign-out"),
        new(AdapterTests, "401, \"\"\"{\"error\":\"invalid_token\"}", "400, \"\"\"{\"error\":\"session_replaced\"}"),
        new($"{Site}/Pages/Index.cshtml", "This page is public. Sign in", "Our shop. Sign in"),
        new($"{Site}/Pages/Shared/_Layout.cshtml", ">MySite</a>", ">Our shop</a>"),
    ];

    private static readonly Change[] ToThisVersion =
    [
        .. ToOldVersion[..2],
        new(Adapter, "/auth/logout", "/auth/sign-out"),
        new(Adapter, "\"session_not_found\" or", "\"session_replaced\" or \"session_not_found\" or"),
        new(AdapterTests, "/auth/logout", "/auth/sign-out"),
        new(AdapterTests, "401, \"\"\"{\"error\":\"invalid_token\"}", "400, \"\"\"{\"error\":\"session_replaced\"}"),
        new($"{Site}/Pages/Index.cshtml", "\"A site whose", "\"Our shop, whose"),
        new($"{Site}/Pages/Shared/_Layout.cshtml", ">MySite</a>", ">Our shop</a>"),
    ];

    private static readonly Dictionary<string, string> OwnFiles = new()
    {
        [Settings] = """
            { "TokenSession": { "KeyFolder": "/var/lib/my-site/keys", "CoolDown": "00:00:02" } }

            """,
        [Orders] = """
            using Microsoft.Extensions.Diagnostics.HealthChecks;
            using MySite.Session;

            namespace MySite;

            public static class Orders
            {
                public static void AddOrders(this IHostApplicationBuilder builder) =>
                    builder.Services.AddHealthChecks().AddCheck("orders", () => HealthCheckResult.Healthy(), tags: [SiteHealth.Ready]);

                public static void MapOrders(this IEndpointRouteBuilder app) =>
                    app.MapGet("/api/orders", (HttpContext context) => $"orders, {context.GetTokenSession().State}")
                        .WithMetadata(new RefreshSessionAttribute());
            }

            """,
        [OrdersTests] = """
            using Tests.Infrastructure;

            namespace Tests;

            public sealed class OrdersTests
            {
                [Fact]
                public async Task A_user_sees_orders()
                {
                    await using var site = new TestSite();
                    var browser = await site.NewSignedInBrowserAsync();
                    var answer = await browser.GetAsync("/api/orders");
                    Assert.Equal("orders, SignedIn", await answer.Content.ReadAsStringAsync());
                    var health = await browser.GetAsync("/health/ready");
                    Assert.Contains("\"orders\"", await health.Content.ReadAsStringAsync());
                }
            }

            """,
    };

    /// <summary>The files in which the site differs from the template.</summary>
    public static IEnumerable<string> Files => ToThisVersion.Select(change => change.File).Concat(OwnFiles.Keys).Distinct();

    public void ChangeAsItsOwner()
    {
        Enter(ToOldVersion);
        foreach (var (file, text) in OwnFiles)
            File.WriteAllText(PathOf(file), text);
    }

    /// <summary>Enters the changes again in the files of this version.</summary>
    public void ChangeAgain() => Enter(ToThisVersion);

    /// <summary>Renames the settings as CHANGELOG.md says.</summary>
    public void RenameSettings()
    {
        var rows = SettingRow().Matches(File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md")));
        var names = rows.SelectMany(row => Word().Matches(row.Groups["old"].Value).Zip(Word().Matches(row.Groups["new"].Value)))
            .ToDictionary(pair => pair.First.Value, pair => pair.Second.Value);
        Assert.True(names.Count > 5, "CHANGELOG.md has hardly any renamed setting; is it still a table?");
        Rename(Settings, names);
        Assert.Contains("\"DataProtectionKeyDirectory\"", File.ReadAllText(PathOf(Settings)));
        Assert.Contains("\"RefreshRetryDelay\"", File.ReadAllText(PathOf(Settings)));
    }

    /// <summary>Replaces the names of types, as whole words, in the owner's own files.</summary>
    public void RenameTypes(IReadOnlyDictionary<string, string> names)
    {
        Rename(Orders, names);
        Rename(OrdersTests, names);
    }

    private void Rename(string file, IReadOnlyDictionary<string, string> names) =>
        File.WriteAllText(
            PathOf(file),
            Word().Replace(File.ReadAllText(PathOf(file)), word => names.GetValueOrDefault(word.Value, word.Value))
        );

    private void Enter(IEnumerable<Change> changes)
    {
        foreach (var (file, what, with) in changes)
        {
            var text = File.ReadAllText(PathOf(file));
            Assert.True(text.Contains(what, StringComparison.Ordinal), $"{file} does not contain {what}");
            File.WriteAllText(PathOf(file), text.Replace(what, with));
        }
    }

    private string PathOf(string file) => Path.Combine(root, file);

    private sealed record Change(string File, string What, string With);

    [GeneratedRegex(@"^  \| (?<old>`\w+`(?:, `\w+`)*) \| (?<new>.+) \|$", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
