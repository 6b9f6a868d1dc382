using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Account;

/// <summary>Checks what a signed-in user entered by a sign-in, changes the account with the access token of that sign-in, and signs in again if
/// the change ended all sessions of the user.</summary>
public sealed partial class UserProof(IAuthBackend backend, ILogger<UserProof> logger)
{
    internal const string CodeRequired = "Enter a one-time code, too.",
        PasswordOrCode = "The password is wrong, or the code is wrong or no longer valid.";

    /// <summary>The address of the client is sent by <see cref="ClientAddressHandler"/>.</summary>
    private static readonly ClientInfo Client = new(Address: null, UserAgent: null);

    /// <param name="email">The address of the account.</param>
    /// <param name="proof">What the user entered.</param>
    /// <param name="change">Changes the account with this access token.</param>
    /// <param name="signInAgain">What to sign in with after the change; null: it ends no session.</param>
    /// <param name="cancellationToken">Ends the calls at the time limit.</param>
    public async Task<AccountResult> RunAsync(
        string email,
        AccountProof proof,
        Func<string, Task<AccountResult>> change,
        (string Email, AccountProof Proof)? signInAgain,
        CancellationToken cancellationToken
    )
    {
        var result = await backend.SignInAsync(CredentialsOf(email, proof), Client, cancellationToken);
        if (result is not AuthResult.Succeeded { Tokens: var tokens })
        {
            return Refusal(result, proof);
        }

        var changed = await change(tokens.AccessToken);
        if (changed is not (AccountResult.Done or AccountResult.TwoFactorSetup) || signInAgain is not var (newEmail, newProof))
        {
            await EndAsync(tokens, cancellationToken);
            return changed;
        }

        var newTokens = await SignInAgainAsync(CredentialsOf(newEmail, newProof), cancellationToken);
        return changed is AccountResult.TwoFactorSetup setup
            ? setup with
            {
                Tokens = newTokens,
            }
            : (AccountResult.Done)changed with
            {
                Tokens = newTokens,
                Email = newEmail,
                HasEndedSession = true,
            };
    }

    /// <summary>A recovery code has letters.</summary>
    private static Credentials CredentialsOf(string email, AccountProof proof) =>
        proof.Code is { } code && !code.All(char.IsAsciiDigit)
            ? Credentials.From(email, proof.Password, rememberMe: false).With(otp: null, code)
            : Credentials.From(email, proof.Password, rememberMe: false).With(proof.Code, recoveryCode: null);

    private static AccountResult Refusal(AuthResult result, AccountProof proof) =>
        result switch
        {
            AuthResult.Rejected { Reason: RejectionReason.InvalidCredentials } => new AccountResult.Refused(AccountField.Password),
            AuthResult.Rejected { Reason: RejectionReason.OtpRequired } => new AccountResult.Refused(
                AccountField.Code,
                proof.Code is null ? CodeRequired : null
            ),
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
                unavailable.Exception
            ),
            AuthResult.Unrecognized { Answer: var answer } => new AccountResult.Unrecognized(answer),
            _ => new AccountResult.Unrecognized("a sign-in without tokens"),
        };

    /// <summary>Returns null if that fails: the account is changed, and the user signs in on the login page.</summary>
    private async Task<SessionTokens?> SignInAgainAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        try
        {
            return (await backend.SignInAsync(credentials, Client, cancellationToken) as AuthResult.Succeeded)?.Tokens;
        }
        catch (Exception exception)
        {
            SignInAgainFailed(exception);
            return null;
        }
    }

    /// <summary>Ends the session of the check. If that fails, it ends at its own expiry.</summary>
    private async Task EndAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        try
        {
            await backend.SignOutAsync(tokens, cancellationToken);
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

    [LoggerMessage(LogLevel.Warning, "The account was changed, but the user could not be signed in again, and is signed out.")]
    private partial void SignInAgainFailed(Exception exception);
}
