using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Template.Tests.Infrastructure;

/// <summary>Runs a command with closed standard input, and keeps all output.</summary>
public static partial class Cli
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    public static async Task<CliResult> RunAsync(
        string file,
        IEnumerable<string> args,
        string workingDirectory,
        IDictionary<string, string?>? env = null,
        TimeSpan? timeout = null
    )
    {
        var start = StartInfo(file, args, workingDirectory, env);
        var output = new StringBuilder();
        var clock = Stopwatch.StartNew();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using var limit = new CancellationTokenSource(timeout ?? DefaultTimeout);
        var exitCode = await ExitCodeAsync(process, limit.Token);
        lock (output)
        {
            var result = new CliResult(CommandLine(start), exitCode ?? -1, output.ToString(), clock.Elapsed);
            return exitCode is null ? throw new TimeoutException($"This did not end in time and was stopped.\n{result}") : result;
        }
    }

    /// <summary>The command and its arguments in a line of a document or a workflow, without quotation marks.</summary>
    public static string[] Words(string line) => [.. Word().Matches(line).Select(word => word.Value.Trim('"', '\''))];

    /// <summary>The environment of the test runner, without the variables that would affect another run.</summary>
    public static ProcessStartInfo StartInfo(
        string file,
        IEnumerable<string> args,
        string workingDirectory,
        IDictionary<string, string?>? env = null
    )
    {
        var start = new ProcessStartInfo(file, args)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(CleanEnvironment.Leaks).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in CleanEnvironment.Settings)
            start.Environment[name] = value;
        foreach (var (name, value) in env ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Returns the exit code; null: the command had to be stopped.</summary>
    private static async Task<int?> ExitCodeAsync(Process process, CancellationToken limit)
    {
        try
        {
            await process.WaitForExitAsync(limit);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
    }

    private static string CommandLine(ProcessStartInfo start) =>
        string.Join(' ', start.ArgumentList.Prepend(start.FileName).Select(Quoted));

    private static string Quoted(string argument) => argument.Length == 0 || argument.Contains(' ') ? $"\"{argument}\"" : argument;

    [GeneratedRegex(
        """
            '[^']*'|"[^"]*"|\S+
            """
    )]
    private static partial Regex Word();
}
