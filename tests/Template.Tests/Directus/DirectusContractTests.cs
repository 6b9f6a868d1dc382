using Template.Tests.Infrastructure;

namespace Template.Tests.Directus;

/// <summary>The contract tests of a generated site, against a real backend, with the settings that an owner would set.</summary>
[Collection(typeof(DirectusCollection))]
public sealed class DirectusContractTests(DirectusSite site, TemplatePackage package)
{
    [Fact]
    public async Task Directus_meets_every_requirement_of_the_contract()
    {
        var user = await site.Directus.Api.CreateUserAsync();

        var run = (await ContractAsync(user.Email, user.Password)).ShouldSucceed();

        Assert.Matches(@"succeeded: 1\d\b", run.Output);
        Assert.Contains("skipped: 0", run.Output);
    }

    [Fact]
    public async Task Wrong_credentials_are_distinguished_from_a_backend_that_does_not_fit()
    {
        var run = await ContractAsync("unknown@example.com", "wrong");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("rejected: InvalidCredentials", run.Output);
        Assert.Contains("Check the address, the credentials and the adapter.", run.Output);
    }

    private async Task<CliResult> ContractAsync(string email, string password)
    {
        var generated = await package.GenerateAsync("Acme.Web", OptionTests.Options("directus", account: "true"));
        return await generated.ContractAsync(site.Directus.Url, email, password);
    }
}
