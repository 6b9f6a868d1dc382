using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Account;

/// <summary>An adapter whose answer to each task of an account is set by the test.</summary>
internal sealed class StubAccountBackend(Func<TestSite, Task<AccountResult>> answer) : IAccountBackend
{
    private TestSite? site;
    private AccountResult status = new AccountResult.NotOffered();

    public AccountTraits Traits { get; private init; } = new();

    /// <summary>Uses this adapter in a site.</summary>
    public static TestSite Of(
        TestSite site,
        Func<TestSite, Task<AccountResult>> answer,
        AccountTraits? traits = null,
        AccountResult.Status? status = null
    )
    {
        var stub = new StubAccountBackend(answer) { site = site, Traits = traits ?? new() };
        stub.status = status ?? stub.status;
        return site.With(services => services.AddSingleton<IAccountBackend>(stub));
    }

    public Task<AccountResult> RegisterAsync(string email, string password, Uri page, CancellationToken cancellationToken) => answer(site!);

    public Task<AccountResult> ConfirmEmailAsync(string token, CancellationToken cancellationToken) => answer(site!);

    public Task<AccountResult> GetStatusAsync(CancellationToken cancellationToken) => Task.FromResult(status);

    public Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) =>
        answer(site!);

    public Task<AccountResult> ChangeEmailAsync(AccountProof proof, string newEmail, Uri page, CancellationToken cancellationToken) =>
        answer(site!);

    public Task<AccountResult> StartTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) => answer(site!);

    public Task<AccountResult> EnableTwoFactorAsync(AccountProof proof, string secret, CancellationToken cancellationToken) =>
        answer(site!);
}
