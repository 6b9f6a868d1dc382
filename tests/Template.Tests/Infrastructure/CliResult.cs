namespace Template.Tests.Infrastructure;

/// <summary>The result of a command. <see cref="Output"/> is standard output and standard error, in the order of their arrival.</summary>
public sealed record CliResult(string CommandLine, int ExitCode, string Output, TimeSpan Duration)
{
    /// <summary>Fails the test with the whole output if the command has not succeeded.</summary>
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
