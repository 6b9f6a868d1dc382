namespace Template.Tests;

/// <summary>Names of projects that are usual, and names that often break a template.</summary>
public static class Names
{
    public static TheoryData<string> All { get; } =
    [
        "Acme.Web",
        "my-app",
        "1site",
        "My App",
        "class",
        "Acme.class.Site-2.0",
        "日本.サイト",
        "TokenSession",
        "Session",
        "Backend",
        "App&Co",
    ];

    /// <summary>The options of each of those names. Other tests, such as <see cref="OptionTests"/>, build the same sites.</summary>
    public static string[] OptionsOf(string name) =>
        name switch
        {
            "Acme.Web" => OptionTests.Options("custom", account: "true", redis: "true"),
            "Acme.class.Site-2.0" => OptionTests.Options("directus", sample: "false", account: "true", redis: "true"),
            "My App" => OptionTests.Options("custom", sample: "false"),
            "my-app" => OptionTests.Options("custom", tests: "false", sample: "false", account: "true"),
            "1site" => OptionTests.Options("directus", tests: "false"),
            "Session" => OptionTests.Options("identity", tests: "false", sample: "false", redis: "true"),
            // The folders and files of this name are difficult for a solution.
            "App&Co" => OptionTests.Options("custom"),
            _ => OptionTests.Options("custom", tests: "false"),
        };

    /// <summary>Names that are only converted. The converted names are built as part of <see cref="All"/>.</summary>
    public static TheoryData<string, string, string, string> Tamed { get; } =
        new()
        {
            // typed, in file names, as namespace, in cookie names
            { "Acme.Web", "Acme.Web", "Acme.Web", "acme_web" },
            { "my-app", "my-app", "my_app", "my_app" },
            { "1site", "1site", "_1site", "site_1site" },
            { "My App", "My App", "My_App", "my_app" },
            { "class", "class", "class_", "class" },
            { "Acme.class.Site-2.0", "Acme.class.Site-2.0", "Acme.class_.Site_2._0", "acme_class_site_2_0" },
            { "日本.サイト", "日本.サイト", "日本.サイト", "site" },
            { "TokenSession", "TokenSession", "TokenSession", "tokensession" },
            { "Session", "Session", "SessionSite", "session" },
            { "Backend", "Backend", "BackendSite", "backend" },
            { "Account", "Account", "AccountSite", "account" },
            { "QRCoder", "QRCoder-site", "QRCoderSite", "qrcoder" },
            { "App&Co", "App-Co", "App_Co", "app_co" },
            { "C#", "C", "C_", "c" },
            { "Bob's (new) site!", "Bob-s -new- site", "Bob_s__new__site_", "bob_s_new_site" },
            { "&&&", "MySite", "MySite", "site" },
            { "..", "MySite", "MySite", "site" },
            { "a..b", "a.b", "a.b", "a_b" },
            { ".hidden", "hidden", "hidden", "hidden" },
            { "dot.", "dot", "dot", "dot" },
            { "con", "con-site", "con", "con" },
            { "Refit", "Refit-site", "RefitSite", "refit" },
            { "OpenTelemetry", "OpenTelemetry-site", "OpenTelemetrySite", "opentelemetry" },
            { "Acme.System", "Acme.System", "Acme.SystemSite", "acme_system" },
            { "Task", "Task", "TaskSite", "task" },
            { "Acme.Uri", "Acme.Uri", "Acme.UriSite", "acme_uri" },
            { "Program", "Program", "ProgramSite", "program" },
            { "Tests", "Tests", "TestsSite", "tests" },
            { "EndToEnd", "EndToEnd", "EndToEndSite", "endtoend" },
            { "100%", "100", "_100_", "site_100" },
        };
}
