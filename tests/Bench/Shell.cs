using System.Diagnostics;

namespace Bench;

/// <summary>Runs commands. If one fails, the exception has its output.</summary>
internal static class Shell
{
    public static async Task<string> RunAsync(string tool, string folder, params string[] arguments)
    {
        using var process = Process.Start(Start(tool, folder, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException(
                $"{tool} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}{await errors}"
            );
    }

    /// <summary>The environment of this program without the variables that the SDK sets, and without those that would configure a
    /// site.</summary>
    public static ProcessStartInfo Start(string tool, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] leaks =
        [
            "MSBUILD",
            "ASPNETCORE_",
            "DOTNET_gc",
            "DOTNET_ENVIRONMENT",
            "Backend__",
            "TokenSession__",
            "ConnectionStrings__",
        ];
        foreach (
            var name in start
                .Environment.Keys.Where(name => leaks.Any(leak => name.StartsWith(leak, StringComparison.OrdinalIgnoreCase)))
                .ToList()
        )
            start.Environment.Remove(name);
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        // A build node that keeps running would keep the output open, and the command would never seem to end.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        return start;
    }
}
