using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

/// <summary>The mail sender in docs/account.md is the one that the tests run.</summary>
public sealed class AccountMailSenderTests
{
    [Fact]
    public void The_document_shows_the_sender_that_is_tested()
    {
        var sender = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Backends", "AccountMailSender.cs"));
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "account.md"));
        Assert.Contains(
            $"```csharp\n{sender.Replace("namespace Backends;\n\n", "", StringComparison.Ordinal)}```",
            document,
            StringComparison.Ordinal
        );
    }
}
