using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Tests.Backend.Account;

/// <summary>The check of the password by a sign-in, with the behavior of backends that have no adapter here.</summary>
public sealed class AccountChangerTests
{
    [Fact]
    public async Task A_backend_that_takes_the_code_in_a_second_call_gets_its_token_back()
    {
        var backend = new TwoCallBackend();

        var result = await RunAsync(backend, "123456");

        Assert.Equal("access", Assert.IsType<AccountResult.Done>(result).Email);
        Assert.Equal([("secret", null, "123456"), ("", "mfa", "123456")], backend.SignIns);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_code_with_letters_is_a_recovery_code_where_the_backend_accepts_one(bool accepts)
    {
        var backend = new TwoCallBackend { Traits = new() { AcceptsRecoveryCodes = accepts } };

        await RunAsync(backend, "abcde");

        Assert.Equal(accepts ? null : "abcde", backend.SignIns[0].Otp);
    }

    [Fact]
    public async Task If_the_check_of_the_password_has_no_answer_nothing_was_changed()
    {
        var result = await RunAsync(new TwoCallBackend { Failure = new TimeoutException() }, code: null);

        Assert.False(Assert.IsType<AccountResult.Unavailable>(result).OutcomeUnknown);
    }

    [Theory]
    [InlineData(RejectionReason.OtpRequired, false)]
    [InlineData(RejectionReason.InvalidCredentialsOrOtp, true)]
    public async Task A_password_without_a_code_is_a_guess_unless_the_backend_accepts_it(RejectionReason reason, bool isGuess)
    {
        var result = await RunAsync(new TwoCallBackend { Rejection = reason }, code: null);

        Assert.Equal(isGuess, Assert.IsType<AccountResult.Refused>(result).IsGuess);
    }

    private static Task<AccountResult> RunAsync(IAuthBackend backend, string? code) =>
        new AccountChanger(
            backend,
            Options.Create(new TokenSessionOptions()),
            new SessionClock(TimeProvider.System),
            NullLogger<AccountChanger>.Instance
        ).RunAsync(
            "ada@example.com",
            new("secret", code),
            token => Task.FromResult<AccountResult>(new AccountResult.Done(Email: token)),
            signInAgain: null,
            TestContext.Current.CancellationToken
        );

    private sealed class TwoCallBackend : IAuthBackend
    {
        public BackendTraits Traits { get; init; } = BackendTraits.Strict;

        public Exception? Failure { get; init; }

        public RejectionReason Rejection { get; init; } = RejectionReason.OtpRequired;

        public List<(string Password, string? MfaToken, string? Otp)> SignIns { get; } = [];

        public Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
        {
            SignIns.Add((credentials.Password, credentials.MfaToken, credentials.Otp));
            if (Failure is not null)
            {
                return Task.FromException<AuthResult>(Failure);
            }

            var now = DateTimeOffset.UnixEpoch;
            return Task.FromResult<AuthResult>(
                credentials.MfaToken is null
                    ? new AuthResult.Rejected(Rejection, MfaToken: "mfa")
                    : new AuthResult.Succeeded(new("access", now, now.AddHours(1), "refresh"))
            );
        }

        public Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
