namespace Template.Tests.Infrastructure;

/// <summary>Removes the settings of this test run, and of the user who started it, from the environment of the commands that the tests
/// run.</summary>
public static class CleanEnvironment
{
    // The SDK that runs these tests sets its own paths. A site under test must find its own paths.
    private static readonly string[] Prefixes =
    [
        "MSBUILD",
        "TESTINGPLATFORM",
        "DOTNET_CLI_TEST",
        "ASPNETCORE_",
        "Backend__",
        "TokenSession__",
        "ConnectionStrings__",
        "OTEL_",
    ];

    public static IReadOnlyDictionary<string, string> Settings { get; } =
        new Dictionary<string, string>
        {
            ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            ["DOTNET_CLI_UI_LANGUAGE"] = "en",
            ["DOTNET_NOLOGO"] = "1",
            ["DOTNET_SKIP_FIRST_TIME_EXPERIENCE"] = "1",
            // A build node that keeps running would keep the output pipes open, and the command would never seem to end.
            ["MSBUILDDISABLENODEREUSE"] = "1",
            // Off, because the compiler server runs on after the command, although it keeps no pipe open. GeneratedSite has its own.
            ["UseSharedCompilation"] = "false",
            // A short process is faster if the runtime does not profile its code. The sites that the tests run have this setting, too.
            ["DOTNET_TieredPGO"] = "0",
        };

    public static bool Leaks(string variable) =>
        Prefixes.Any(prefix => variable.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || variable == "DOTNET_ENVIRONMENT";
}
