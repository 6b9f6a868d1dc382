namespace Template.Tests.Infrastructure;

/// <summary>What a command left behind. <see cref="Output"/> is standard output and standard error as they came.</summary>
public sealed record CliResult(string CommandLine, int ExitCode, string Output, TimeSpan Duration)
{
    /// <summary>Fails the test with everything the command said, unless it ended well.</summary>
    public CliResult ShouldSucceed()
    {
        Assert.True(ExitCode == 0, $"{this}");
        return this;
    }

    public override string ToString() =>
        $"""
            $ {CommandLine}
            {Output}
            -> exit code {ExitCode} after {Duration.TotalSeconds:0.0} s
            """;
}
