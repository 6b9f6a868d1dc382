using System.Text.RegularExpressions;

namespace Template.Tests.Infrastructure;

/// <summary>The result of a command. <see cref="Output"/> is standard output and standard error, in the order of their arrival.</summary>
public sealed partial record CliResult(string CommandLine, int ExitCode, string Output, TimeSpan Duration)
{
    /// <summary>Fails the test with the whole output if the command has not succeeded.</summary>
    public CliResult ShouldSucceed()
    {
        Assert.True(ExitCode == 0, $"{this}");
        return this;
    }

    /// <summary>Fails the test unless this run of `dotnet test --output Detailed` has succeeded, and in each of these namespaces or classes a
    /// test has passed. The exit code is 0 even if one of several filters selects no test, or only tests that are skipped.</summary>
    public CliResult ShouldHavePassed(params IEnumerable<string> names)
    {
        ShouldSucceed();
        foreach (var name in names)
            Assert.True(Output.Contains($"passed {name}.", StringComparison.Ordinal), $"No test of {name} has passed:\n{this}");
        return this;
    }

    /// <summary>Repeats the failed tests at the end, because CI may cut the start of a long log.</summary>
    public override string ToString() =>
        $"""
            $ {CommandLine}
            {Output}
            {string.Concat(FailedTest().Matches(Output))}
            -> exit code {ExitCode} after {Duration.TotalSeconds:0.0} s
            """;

    // `dotnet test` writes "failed NAME", and the runner of xunit writes "    NAME [FAIL]".
    [GeneratedRegex(@"^(?:failed |    .+ \[FAIL\]).*\n(?:  .*\n){0,20}", RegexOptions.Multiline)]
    private static partial Regex FailedTest();
}
