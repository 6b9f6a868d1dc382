using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Bench;

/// <summary>The times of the template compared with the webapp template of ASP.NET Core: to generate, to see the first page, to
/// start.</summary>
internal static partial class TemplateTimes
{
    private const int Generations = 5,
        FirstPages = 3,
        Starts = 9;

    public static async Task RunAsync(Workshop workshop)
    {
        await workshop.InstallTemplateAsync();
        string[] templates = ["webapp", "tokensession"];
        Dictionary<string, List<double>> generate = New(),
            firstPage = New(),
            start = New();

        // The first run of each fills the cache of the template engine and the package folder.
        for (var round = -1; round < Generations; round++)
        {
            foreach (var template in templates)
                Add(generate, template, round, await TimeAsync(() => GenerateAsync(workshop, template, "--no-restore")));
        }
        for (var round = 0; round < FirstPages; round++)
        {
            foreach (var template in templates)
                Add(firstPage, template, round, await TimeAsync(() => FirstPageAsync(workshop, template)));
        }

        var published = new Dictionary<string, string>();
        foreach (var template in templates)
            published[template] = await Workshop.PublishAsync(Project(await GenerateAsync(workshop, template)), workshop.NewFolder());
        for (var round = -1; round < Starts; round++)
        {
            foreach (var template in templates)
                Add(start, template, round, await TimeAsync(() => StartAsync(published[template])));
        }

        Console.WriteLine();
        Console.WriteLine("| seconds, median (least to most) | webapp | tokensession | ratio |");
        Console.WriteLine("|---|--:|--:|--:|");
        Print("`dotnet new`, without restore", generate);
        Print("generate, restore, build, first page", firstPage);
        Print("start of the published site until its first page", start);
    }

    private static async Task<string> GenerateAsync(Workshop workshop, string template, params string[] options)
    {
        var folder = workshop.NewFolder();
        await Shell.RunAsync(
            "dotnet",
            folder,
            ["new", template, "-n", "Timed", "--no-update-check", "--debug:custom-hive", workshop.Hive, .. options]
        );
        return Path.Combine(folder, "Timed");
    }

    /// <summary>The steps of a user: `dotnet new`, `dotnet run`, open the page.</summary>
    private static async Task FirstPageAsync(Workshop workshop, string template)
    {
        var project = Project(await GenerateAsync(workshop, template));
        using var run = Process.Start(Shell.Start("dotnet", Path.GetDirectoryName(project)!, "run", "--launch-profile", "http"))!;
        try
        {
            var address = await ListeningAsync(run.StandardOutput);
            _ = run.StandardOutput.ReadToEndAsync();
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
            await http.GetStringAsync(address);
        }
        finally
        {
            run.Kill(entireProcessTree: true);
            await run.WaitForExitAsync();
        }
    }

    private static async Task<Uri> ListeningAsync(StreamReader output)
    {
        var said = "";
        while (await output.ReadLineAsync() is { } line)
        {
            said += line + "\n";
            if (ListeningLine().Match(line) is { Success: true } match)
                return new(match.Groups[1].Value);
        }
        throw new InvalidOperationException($"The site ended before it listened:\n{said}");
    }

    private static async Task StartAsync(string dll)
    {
        await using var site = await Site.StartAsync(
            dll,
            null,
            ("Backend__Url", "http://127.0.0.1:9"),
            ("TokenSession__DataProtectionKeyDirectory", "keys")
        );
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalSeconds;
    }

    private static string Project(string root) => Directory.GetFiles(root, "Timed.csproj", SearchOption.AllDirectories).Single();

    private static Dictionary<string, List<double>> New() => new() { ["webapp"] = [], ["tokensession"] = [] };

    private static void Add(Dictionary<string, List<double>> times, string template, int round, double seconds)
    {
        if (round >= 0)
            times[template].Add(seconds);
    }

    private static void Print(string what, Dictionary<string, List<double>> times)
    {
        var (webapp, own) = (new Spread(times["webapp"]), new Spread(times["tokensession"]));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"| {what} | {webapp.ToString("0.00")} | {own.ToString("0.00")} | {own.Median / webapp.Median:0.00} |"
            )
        );
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningLine();
}
