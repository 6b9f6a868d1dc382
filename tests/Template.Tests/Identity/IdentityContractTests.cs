namespace Template.Tests.Identity;

/// <summary>The contract tests of the generated site, against the real endpoints, with the settings that an owner would set.</summary>
[Collection(typeof(IdentityCollection))]
public sealed class IdentityContractTests(IdentitySite site)
{
    [Fact]
    public async Task Identity_meets_the_contract_except_what_the_adapter_declares()
    {
        var email = await site.CreateUserAsync();

        var run = (await site.Generated.ContractAsync(site.Backend.Url, email, IdentitySite.Password)).ShouldSucceed();

        Assert.Contains("succeeded: 8", run.Output, StringComparison.Ordinal);
        Assert.Contains("skipped: 2", run.Output, StringComparison.Ordinal);
        Assert.Contains(
            "A used refresh token is accepted again: a stolen token works until it expires.",
            run.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "The backend does not revoke tokens: after a sign-out, a copy of the refresh token works until it expires.",
            run.Output,
            StringComparison.Ordinal
        );
    }
}
