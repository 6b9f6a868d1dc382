// The tasks of this repository. `dotnet cake` lists them, and `dotnet cake --target=Test` runs one.
// CI runs the same tasks (.ci/run).

var target = Argument("target", "Default");

// Generated files are outside the repository: inside it, a site would inherit the repository's build files, and the template
// engine would find the templates twice.
var scratch = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "tokensession-cake");

int Call(string tool, ProcessArgumentBuilder arguments, DirectoryPath folder = null) =>
    StartProcess(tool, new ProcessSettings { Arguments = arguments, WorkingDirectory = folder ?? "." });

void Run(string tool, ProcessArgumentBuilder arguments, DirectoryPath folder = null)
{
    var exitCode = Call(tool, arguments, folder);
    if (exitCode != 0)
        throw new CakeException(exitCode, $"{tool} {arguments.RenderSafe()} ended with exit code {exitCode}.");
}

void Build(string project, DirectoryPath folder = null)
{
    if (Call("dotnet", $"build {project} --nologo -v quiet", folder) != 0)
        failures.Enqueue(project);
}

void DotNet(ProcessArgumentBuilder arguments, DirectoryPath folder = null) => Run("dotnet", arguments, folder);

// A task runs all its test runs, even after a failure, so that the closing line counts everything.
var failures = new System.Collections.Concurrent.ConcurrentQueue<string>();
var outputs = new System.Collections.Concurrent.ConcurrentQueue<(string What, string[] Lines)>();
// A run that could not start has no report.
var runs = new System.Collections.Concurrent.ConcurrentQueue<(string What, TimeSpan Time, System.Xml.Linq.XElement Report)>();

enum TestRunKind
{
    Normal,

    /// <summary>Its output is printed at the end, so that the outputs of two runs do not mix.</summary>
    Background,

    /// <summary>It uses the processors while other processes wait.</summary>
    LowPriority,
}

void DotNetTests(string what, ProcessArgumentBuilder arguments, DirectoryPath folder = null, TestRunKind kind = TestRunKind.Normal)
{
    var isInBackground = kind is TestRunKind.Background;
    // Windows has no `nice`: there, the priority is normal.
    var isNice = kind is TestRunKind.LowPriority && IsRunningOnUnix();
    var reports = System.IO.Path.Combine(scratch, "reports");
    var report = $"{Guid.NewGuid():n}.xml";
    arguments.Prepend("test").Append($"--report-xunit-xml --report-xunit-xml-filename {report} --results-directory").AppendQuoted(reports);
    if (isNice)
        arguments.Prepend("-n 10 dotnet");

    Information("\n== {0}{1}", what, isInBackground ? ", in the background; its output follows at the end" : "");
    var clock = System.Diagnostics.Stopwatch.StartNew();
    var settings = new ProcessSettings { Arguments = arguments, WorkingDirectory = folder ?? ".", RedirectStandardOutput = isInBackground };
    IEnumerable<string> output = [];
    var tool = isNice ? "nice" : "dotnet";
    var exitCode = isInBackground ? StartProcess(tool, settings, out output) : StartProcess(tool, settings);
    if (exitCode != 0)
        failures.Enqueue(what);
    if (isInBackground)
        outputs.Enqueue((what, [.. output]));
    var reportPath = System.IO.Path.Combine(reports, report);
    runs.Enqueue((what, clock.Elapsed, System.IO.File.Exists(reportPath) ? System.Xml.Linq.XElement.Load(reportPath) : null));
    DeleteFiles(reportPath);
}

void PrintOutputs()
{
    foreach (var (what, lines) in outputs)
        Information("\n== {0}\n{1}", what, string.Join('\n', lines));
}

// The time between the ends of two tests counts for the class of the second test, including its fixtures.
// The times of the classes add up to the time of the run, although tests run in parallel.
List<(string Class, TimeSpan Time)> TimesByClass(System.Xml.Linq.XElement report)
{
    if (report is null)
        return [];
    var tests = report.Descendants("test")
        .Select(test => (Class: (string)test.Attribute("type"), End: (DateTimeOffset?)test.Attribute("finish-rtf")))
        .Where(test => test.End is not null)
        .OrderBy(test => test.End)
        .ToList();
    var ends = tests.Select(test => test.End.Value).Prepend((DateTimeOffset)report.Attribute("start-rtf"));
    return tests
        .Zip(ends, (test, previous) => (test.Class, Time: test.End.Value - previous))
        .GroupBy(test => test.Class, (name, times) => (name, TimeSpan.FromTicks(times.Sum(test => test.Time.Ticks))))
        .OrderByDescending(row => row.Item2)
        .ToList();
}

void PrintTimes()
{
    Information("");
    Information("What each part took (classes of 20 seconds and more):");
    foreach (var (what, time, report) in runs)
    {
        Information("{0,8:m\\:ss}  {1}", time, what);
        foreach (var (name, share) in TimesByClass(report).Where(row => row.Time >= TimeSpan.FromSeconds(20)))
            Information("{0,8:m\\:ss}    {1}", share, name);
    }
}

// CI may keep only the end of a long log. The message of a failed command is long, and CliResult repeats at its end what failed.
void PrintFailedTests()
{
    // The parent is a test, or the cleanup of a class or of a fixture.
    foreach (var failure in runs.SelectMany(run => run.Report?.Descendants("failure") ?? []))
    {
        var lines = failure.Elements().SelectMany(element => element.Value.Split('\n')).TakeLast(100);
        Information("\nFailed: {0}\n{1}", (string)failure.Parent.Attribute("name"), string.Join('\n', lines.Select(line => $"      {line}")));
    }
}

// Separate from the others, because this run prints the size of the module.
const string scriptTests = "Template.Tests.BrowserModuleTests";

// Strapi takes minutes to install, so a separate task tests its recipe.
const string notOfCi = $"--filter-not-class {scriptTests} --filter-not-namespace Template.Tests.Strapi";

void TestScripts(string project = "--project tests/Template.Tests") =>
    DotNetTests("the browser's scripts", $"{project} --filter-class {scriptTests} --output Detailed --show-stdout All");

void ReportFailures()
{
    if (failures.Count > 0)
        throw new CakeException($"Failed: {string.Join("; ", failures)}.");
}

// The tests of all projects find /usr/bin/chromium and the headless shell, or use CHROMIUM_PATH.
bool ChromiumIsThere()
{
    if (EnvironmentVariable("CHROMIUM_PATH") is { Length: > 0 } chosen)
        return System.IO.File.Exists(chosen);
    if (System.IO.File.Exists("/usr/bin/chromium"))
        return true;
    var found = new[]
    {
        "/usr/bin/google-chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
    }.FirstOrDefault(System.IO.File.Exists);
    Environment.SetEnvironmentVariable("CHROMIUM_PATH", found);
    return found is not null;
}

bool FirefoxIsThere() =>
    !string.IsNullOrEmpty(EnvironmentVariable("FIREFOX_PATH"))
    || new[]
    {
        "/usr/bin/firefox-esr",
        "/usr/bin/firefox",
        "/Applications/Firefox.app/Contents/MacOS/firefox",
        @"C:\Program Files\Mozilla Firefox\firefox.exe",
    }.Any(System.IO.File.Exists);

Task("Pack")
    .Description("Pack the template into artifacts/, from the files that git tracks.")
    .Does(() => DotNet(new ProcessArgumentBuilder().Append("pack template/TokenSession.Template.csproj -o artifacts --nologo")));

Task("Try")
    .Description("Pack, install, generate a site and run it, so that you can sign in. Options: --backend=directus, --name=...")
    .IsDependentOn("Pack")
    .Does(() =>
    {
        var name = Argument("name", "TrySite");
        var hive = System.IO.Path.Combine(scratch, "hive");
        var folder = System.IO.Path.Combine(scratch, "sites");
        var site = System.IO.Path.Combine(folder, name);
        CleanDirectories([hive, site]);
        EnsureDirectoryExists(folder);

        var package = GetFiles("artifacts/TokenSession.Template.*.nupkg").OrderBy(file => System.IO.File.GetLastWriteTimeUtc(file.FullPath)).Last();
        DotNet(new ProcessArgumentBuilder().Append("new install").AppendQuoted(package.FullPath).Append("--debug:custom-hive").AppendQuoted(hive));
        DotNet(
            new ProcessArgumentBuilder()
                .Append("new tokensession --no-update-check --tests false -n")
                .AppendQuoted(name)
                .Append("--backend")
                .AppendQuoted(Argument("backend", "custom"))
                .Append("--debug:custom-hive")
                .AppendQuoted(hive),
            folder
        );
        var project = GetFiles($"{site}/src/*/*.csproj").Single();
        var settings = System.IO.File.ReadAllText(project.GetDirectory().CombineWithFilePath("Properties/launchSettings.json").FullPath);
        var address = System.Text.RegularExpressions.Regex.Match(settings, @"http://localhost:\d+").Value;

        Information("");
        Information("The site is in {0}", site);
        Information("When the log says that the application has started, open {0}/login", address);
        Information("and sign in as demo@example.com with the password demo. Ctrl+C stops the site.");
        Information("");
        DotNet(new ProcessArgumentBuilder().Append("run --launch-profile http --project").AppendQuoted(project.FullPath), project.GetDirectory());
    });

bool RedisIsThere() =>
    !string.IsNullOrEmpty(EnvironmentVariable("REDIS_SERVER"))
    || new[] { "/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server" }.Any(System.IO.File.Exists);

Task("Install")
    .Description("Install what the tests need and the machine does not have: Chromium, and if possible Firefox, WebKit, Redis, nginx and Caddy.")
    .Does(() =>
    {
        var canInstall = IsRunningOnLinux() && Environment.UserName == "root" && Context.Tools.Resolve("apt-get") is not null;
        var isUpdated = false;

        bool Installs(string package, bool isOptional = false)
        {
            if (!canInstall)
                return false;
            if (!isUpdated)
                Call("apt-get", "update -q");
            isUpdated = true;
            var isInstalled = Call("apt-get", $"install -y -q --no-install-recommends {package}") == 0;
            // Otherwise the run would be green although it skipped tests.
            return isInstalled || isOptional ? isInstalled : throw new CakeException($"apt-get could not install {package}.");
        }

        if (!ChromiumIsThere() && !Installs("chromium"))
            throw new CakeException("The end-to-end tests need Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM_PATH.");
        if (!System.IO.File.Exists("/usr/bin/chromium-headless-shell") && !Installs("chromium-headless-shell", isOptional: true))
            Information("There is no headless shell of Chromium here: the end-to-end tests take twice as long.");
        if (!FirefoxIsThere() && !Installs("firefox-esr"))
            Warning("There is no Firefox here: its tests are skipped.");
        if (!System.IO.File.Exists("/usr/bin/WebKitWebDriver") && !Installs("webkit2gtk-driver xvfb xauth"))
            Warning("There is no WebKit here: its tests are skipped.");
        if (!RedisIsThere() && !Installs("redis-server"))
            Warning("There is no Redis here: the tests of several nodes are skipped.");
        if (!System.IO.File.Exists("/usr/sbin/nginx") && !Installs("nginx"))
            Warning("There is no nginx here: the tests behind nginx are skipped.");
        if (!System.IO.File.Exists("/usr/bin/caddy") && !Installs("caddy"))
            Warning("There is no Caddy here: the tests behind Caddy are skipped.");
        ChromiumIsThere();
    });

// The session and its tests do not depend on the adapter, so these tests run once. In Test, most of them run in the generated sites,
// without Redis and with fewer random inputs.
void TestContentInPlace(bool withSession, TestRunKind kind = TestRunKind.Normal)
{
    const string adapter = "--filter-class Tests.Backend.*";
    // Ten times the interleavings and random inputs of a user's own run.
    const string allInputs = "-e TOKENSESSION_RUNS=1000 -e TOKENSESSION_INPUTS=30000";
    const string session = "--filter-class Tests.Session.Redis.* --filter-class *.FuzzTests --filter-class *.InterleavingTests";
    var adapters = new List<(string Backend, string Filter)>
    {
        ("custom", withSession ? "" : $"{adapter} {session}"),
        ("directus", withSession ? adapter : "--filter-class *.Directus*"),
    };

    // In Test, a generated site runs the tests of this adapter. Its code is analyzed only here.
    if (withSession)
        adapters.Add(("identity", adapter));
    else
        Build("src/TokenSession.Site -p:Backend=identity", "content");
    Build("tests/TokenSession.Site.EndToEnd -p:PlaywrightPlatform=none", "content");
    foreach (var (backend, filter) in adapters)
    {
        DotNetTests(
            $"content in place, {backend}",
            new ProcessArgumentBuilder().Append($"--project tests/TokenSession.Site.Tests -p:Backend={backend} {allInputs} {filter}"),
            "content",
            kind
        );
    }
}

Task("Content")
    .Description("Build and test content/ in place, with each adapter and without a browser.")
    .IsDependentOn("Install")
    .Does(() =>
    {
        TestContentInPlace(withSession: true);
        ReportFailures();
    });

Task("Matrix")
    .Description("Test the package: its content, every option, every kind of name, and generated sites, with their tests and in a browser.")
    .IsDependentOn("Install")
    .Does(() =>
    {
        DotNetTests(
            "template, all but Directus",
            $"--project tests/Template.Tests --filter-not-namespace Template.Tests.Directus {notOfCi}"
        );
        ReportFailures();
    });

Task("Names")
    .Description("Write the list of namespace parts that would hide a type of the content into template.json.")
    .Does(() =>
    {
        Environment.SetEnvironmentVariable("TOKENSESSION_WRITE_NAMES", "1");
        DotNetTests("names", "--project tests/Template.Tests --filter-class Template.Tests.TypeNameTests");
        ReportFailures();
    });

Task("Directus")
    .Description("Install a real Directus outside the repository (needs npm) and test a generated site against it.")
    .IsDependentOn("Install")
    .Does(() =>
    {
        DotNetTests("template, on a real Directus", "--project tests/Template.Tests --filter-namespace Template.Tests.Directus");
        ReportFailures();
    });

Task("Strapi")
    .Description("Install a real Strapi outside the repository (needs npm and a C++ compiler) and test its recipe. Not part of Test.")
    .IsDependentOn("Install")
    .Does(() =>
    {
        DotNetTests("template, on a real Strapi", "--project tests/Template.Tests --filter-namespace Template.Tests.Strapi");
        ReportFailures();
    });

Task("Scripts")
    .Description("Check the browser's scripts: types, lint, and the size of the module, which is printed (needs npm).")
    .Does(() =>
    {
        TestScripts();
        ReportFailures();
    });

Task("Test")
    .Description("Run all tests except Strapi: content in place, scripts, the template, real backends. Installs what it needs.")
    .IsDependentOn("Install")
    .Does(() =>
    {
        // Nothing else compiles the benchmark.
        Build("tests/Bench");
        // Two runs use these builds at the same time, so they are up to date before the runs start.
        Build("tests/Backends");
        Build("tests/Template.Tests");
        ReportFailures();

        // The tests of Redis and of real backends mostly wait until access tokens expire. The other tests run at the same time, with low
        // priority, so that they do not delay the tests that wait.
        const string templateTests = "--project tests/Template.Tests --no-build";
        const string realBackends = "Template.Tests.Directus Template.Tests.Identity Template.Tests.Backends";
        var waiting = System.Threading.Tasks.Task.Run(() =>
        {
            TestContentInPlace(withSession: false, TestRunKind.Background);
            DotNetTests(
                "template, real backends",
                $"{templateTests} {notOfCi} --filter-namespace {realBackends}",
                kind: TestRunKind.Background
            );
        });
        try
        {
            DotNetTests("template", $"{templateTests} {notOfCi} --filter-not-namespace {realBackends}", kind: TestRunKind.LowPriority);
            TestScripts(templateTests);
        }
        finally
        {
            waiting.GetAwaiter().GetResult();
        }
        PrintOutputs();
        PrintTimes();
        PrintFailedTests();
        ReportFailures();
    });

Task("Bench")
    .Description("Compare one node with reference sites; needs wrk and an idle machine. --parts=nodes,outages,template: these parts instead.")
    .Does(() =>
    {
        var canInstall = IsRunningOnLinux() && Environment.UserName == "root" && Context.Tools.Resolve("apt-get") is not null;
        if (Context.Tools.Resolve("wrk") is null && canInstall)
        {
            Run("apt-get", "update -q");
            Run("apt-get", "install -y -q --no-install-recommends wrk");
        }
        else if (Context.Tools.Resolve("wrk") is null)
            throw new CakeException("The benchmark needs wrk: install it (Debian: apt-get install wrk; macOS: brew install wrk).");
        DotNet($"run -c Release --project tests/Bench -- {Argument("parts", "").Replace(',', ' ')}");
    });

Task("Default")
    .Description("List the tasks.")
    .Does(() =>
    {
        Information("dotnet cake --target=NAME, where NAME is one of:");
        foreach (var task in Tasks.Where(task => task.Name != "Default"))
            Information("  {0,-10}{1}", task.Name, task.Description);
    });

RunTarget(target);
