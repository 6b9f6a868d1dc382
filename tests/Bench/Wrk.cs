using System.Globalization;
using System.Text.RegularExpressions;

namespace Bench;

/// <summary>One run of wrk against a page: the requests a second, and the CPU time of the server for each request.</summary>
internal sealed partial record Wrk(double RequestsPerSecond, double MicrosecondsPerRequest)
{
    private const int Connections = 32;

    public static async Task<Wrk> RunAsync(Site site, string path, string cookies, TimeSpan duration)
    {
        string[] header = cookies is "" ? [] : ["-H", $"Cookie: {cookies}"];
        var before = site.ProcessorTime;
        var output = await Shell.RunAsync(
            "wrk",
            ".",
            ["-t1", $"-c{Connections}", $"-d{duration.TotalSeconds:0}s", .. header, new Uri(site.Address, path).ToString()]
        );
        var used = site.ProcessorTime - before;
        if (output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException($"Not all answers were pages:\n{output}");
        return new(Number(RequestsPerSecondLine(), output), used.TotalMicroseconds / Number(RequestsLine(), output));
    }

    private static double Number(Regex line, string output) =>
        double.Parse(line.Match(output).Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex RequestsPerSecondLine();

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex RequestsLine();
}
