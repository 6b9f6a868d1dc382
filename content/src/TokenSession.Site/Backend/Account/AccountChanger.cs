using Microsoft.Extensions.Options;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Account;

/// <summary>Changes an account: checks the user's password by a sign-in, makes the change with the access token of that sign-in, and signs
/// in again if the change ended all sessions of the user.</summary>
public sealed partial class AccountChanger(
    IAuthBackend backend,
    IOptions<TokenSessionOptions> options,
    SessionClock clock,
    ILogger<AccountChanger> logger
)
{
    internal const string CodeRequired = "Enter a one-time code, too.",
        PasswordOrCode = "The password is wrong, or the code is wrong or no longer valid.";

    /// <summary>Empty, because <see cref="ClientAddressHandler"/> sends the address of the client.</summary>
    private static readonly ClientInfo Client = new(Address: null, UserAgent: null);

    /// <param name="email">The address of the account.</param>
    /// <param name="proof">What the user entered.</param>
    /// <param name="change">Changes the account with this access token.</param>
    /// <param name="signInAgain">The credentials for a sign-in after the change; null: the change ends no session.</param>
    /// <param name="cancellationToken">Ends the calls at the time limit.</param>
    public async Task<AccountResult> RunAsync(
        string email,
        AccountProof proof,
        Func<string, Task<AccountResult>> change,
        (string Email, AccountProof Proof)? signInAgain,
        CancellationToken cancellationToken
    )
    {
        var result = await CheckAsync(CredentialsOf(email, proof), cancellationToken);
        if (result is not AuthResult.Succeeded { Tokens: var tokens })
        {
            return Refusal(result, proof);
        }

        AccountResult? changed = null;
        try
        {
            changed = await change(tokens.AccessToken).WaitAsync(options.Value.SignInTimeout, clock, cancellationToken);
            return signInAgain is var (newEmail, newProof) ? await ContinueAsync(changed, newEmail, newProof, cancellationToken) : changed;
        }
        finally
        {
            // If the answer has tokens, they may belong to the session of the check.
            if (changed is not AccountResult.Done { Tokens: not null })
            {
                await EndAsync(tokens);
            }
        }
    }

    private async Task<AuthResult> CheckAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        try
        {
            return await SignInAsync(credentials, cancellationToken);
        }
        catch (Exception exception) when (AuthResult.FromNetworkFailure(exception) is { } unavailable)
        {
            return unavailable;
        }
    }

    /// <summary>Signs in, with a second call if the backend requires the code in a separate call.</summary>
    private async Task<AuthResult> SignInAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        var result = await CallAsync(credentials);
        return result is AuthResult.Rejected { Reason: RejectionReason.OtpRequired, MfaToken: { } token } && credentials.HasCode
            ? await CallAsync(credentials with { Password = "", MfaToken = token })
            : result;

        Task<AuthResult> CallAsync(Credentials credentials) =>
            backend.SignInAsync(credentials, Client, cancellationToken).WaitAsync(options.Value.SignInTimeout, clock, cancellationToken);
    }

    /// <summary>Signs in again, unless the answer has tokens. A backend that accepts each one-time code only once must issue tokens with
    /// its answer.</summary>
    private async Task<AccountResult> ContinueAsync(
        AccountResult changed,
        string email,
        AccountProof proof,
        CancellationToken cancellationToken
    ) =>
        changed switch
        {
            AccountResult.Done { Tokens: null } done => done with
            {
                Tokens = await SignInAgainAsync(CredentialsOf(email, proof), cancellationToken),
                Email = email,
                EndedSessions = true,
            },
            AccountResult.TwoFactorSetup setup => setup with
            {
                Tokens = await SignInAgainAsync(CredentialsOf(email, proof), cancellationToken),
            },
            _ => changed,
        };

    /// <summary>A recovery code has letters.</summary>
    private Credentials CredentialsOf(string email, AccountProof proof) =>
        proof.Code is { } code && !code.All(char.IsAsciiDigit) && backend.Traits.AcceptsRecoveryCodes
            ? Credentials.From(email, proof.Password, rememberMe: false).With(otp: null, code)
            : Credentials.From(email, proof.Password, rememberMe: false).With(proof.Code, recoveryCode: null);

    private static AccountResult Refusal(AuthResult result, AccountProof proof) =>
        result switch
        {
            AuthResult.Rejected { Reason: RejectionReason.InvalidCredentials } => new AccountResult.Refused(AccountField.Password),
            AuthResult.Rejected { Reason: RejectionReason.OtpRequired } when proof.Code is null => new AccountResult.Refused(
                AccountField.Code,
                CodeRequired
            )
            {
                IsGuess = false,
            },
            AuthResult.Rejected { Reason: RejectionReason.OtpRequired } => new AccountResult.Refused(AccountField.Code),
            AuthResult.Rejected { Reason: RejectionReason.InvalidCredentialsOrOtp } => new AccountResult.Refused(
                AccountField.Code,
                PasswordOrCode
            ),
            AuthResult.Rejected { Reason: RejectionReason.TooManyAttempts or RejectionReason.LockedOut, RetryAfter: var wait } =>
                new AccountResult.TooManyAttempts(wait),
            AuthResult.Rejected => new AccountResult.NotOffered(),
            AuthResult.Unavailable unavailable => new AccountResult.Unavailable(
                unavailable.Reason,
                unavailable.RetryAfter,
                Exception: unavailable.Exception
            ),
            AuthResult.Unrecognized { Answer: var answer } => new AccountResult.Unrecognized(answer),
            _ => new AccountResult.Unrecognized("a sign-in without tokens"),
        };

    /// <summary>Signs in again. Returns null if that fails: the account is changed, and the user signs in on the login page.</summary>
    private async Task<SessionTokens?> SignInAgainAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        try
        {
            var result = await SignInAsync(credentials, cancellationToken);
            if (result is AuthResult.Succeeded { Tokens: var tokens })
            {
                return tokens;
            }

            SignInAgainFailed(result, exception: null);
        }
        catch (Exception exception)
        {
            SignInAgainFailed(result: null, exception);
        }

        return null;
    }

    /// <summary>Ends the session of the check. If that fails, the session ends when its refresh token expires.</summary>
    private async Task EndAsync(SessionTokens tokens)
    {
        using var limit = new CancellationTokenSource(options.Value.RefreshTimeout, clock);
        try
        {
            await backend.SignOutAsync(tokens, limit.Token).WaitAsync(limit.Token);
        }
        catch (Exception exception)
        {
            SignOutFailed(exception);
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The session that checked a password could not be ended at the backend. It ends when its refresh token expires."
    )]
    private partial void SignOutFailed(Exception exception);

    [LoggerMessage(
        LogLevel.Warning,
        "The account was changed, but the user could not be signed in again: {Result}. If the change ended the session, the user has to sign in."
    )]
    private partial void SignInAgainFailed(AuthResult? result, Exception? exception);
}
