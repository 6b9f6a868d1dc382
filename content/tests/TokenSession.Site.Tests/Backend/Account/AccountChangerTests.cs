using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Tests.Backend.Account;

/// <summary>The check of a change by a sign-in, at backends that the adapters of this site do not have.</summary>
public sealed class AccountChangerTests
{
    [Fact]
    public async Task A_backend_that_takes_the_code_in_a_second_call_gets_its_token_back()
    {
        var backend = new TwoCallBackend();
        var changer = new AccountChanger(
            backend,
            Options.Create(new TokenSessionOptions()),
            new SessionClock(TimeProvider.System),
            NullLogger<AccountChanger>.Instance
        );

        var result = await changer.RunAsync(
            "ada@example.com",
            new("secret", "123456"),
            token => Task.FromResult<AccountResult>(new AccountResult.Done(Email: token)),
            signInAgain: null,
            TestContext.Current.CancellationToken
        );

        Assert.Equal("access", Assert.IsType<AccountResult.Done>(result).Email);
        Assert.Equal([("secret", null, "123456"), ("", "mfa", "123456")], backend.SignIns);
    }

    private sealed class TwoCallBackend : IAuthBackend
    {
        public List<(string Password, string? MfaToken, string? Otp)> SignIns { get; } = [];

        public Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
        {
            SignIns.Add((credentials.Password, credentials.MfaToken, credentials.Otp));
            var now = DateTimeOffset.UnixEpoch;
            return Task.FromResult<AuthResult>(
                credentials.MfaToken is null
                    ? new AuthResult.Rejected(RejectionReason.OtpRequired, MfaToken: "mfa")
                    : new AuthResult.Succeeded(new("access", now, now.AddHours(1), "refresh"))
            );
        }

        public Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
