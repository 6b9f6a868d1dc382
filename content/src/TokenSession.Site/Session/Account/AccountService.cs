using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>Runs the tasks of an account at the backend and limits attempts. Then it starts, continues or ends the session. Pages use
/// it.</summary>
public sealed partial class AccountService(
    BackendCaller backend,
    SessionService sessions,
    IAttemptCounter counter,
    AccountLinks links,
    PendingTwoFactor pendingTwoFactor,
    IOptions<AccountOptions> options,
    IOptions<TokenSessionOptions> session,
    SessionClock clock,
    ILogger<AccountService> logger
)
{
    /// <summary>The time limit of a change is this many times that of a sign-in: an adapter reads the address, signs in, makes the change
    /// and signs in again.</summary>
    private const int ChangeSteps = 5;

    private readonly AttemptLimits mails = new(
        counter,
        "mail",
        options.Value.MailsPerClient,
        options.Value.MailsPerAddress,
        options.Value.MailsPerClientToAll,
        options.Value.MailPeriod
    );

    private readonly AttemptLimits failures = new(
        counter,
        "change",
        session.Value.FailedSignInsPerClient,
        session.Value.FailedSignInsPerAccount,
        session.Value.FailedSignInsPerAddress,
        session.Value.FailedSignInPeriod
    );

    /// <summary>The tokens of users who need no setup of a second factor. Tokens are cached between requests, with their ticket.</summary>
    private readonly ConditionalWeakTable<SessionTokens, SessionTokens> checkedTokens = [];

    /// <summary>Sends a mail with a link to choose another password. The answer and its time are the same for each address.</summary>
    public Task<AccountResult> RequestPasswordResetAsync(HttpContext context, string email) =>
        SendMailAsync(
            context,
            email,
            (account, page, limit) => account.RequestPasswordResetAsync(email, page, limit),
            AccountPages.ResetPassword
        );

    /// <summary>Creates an account. The answer and its time are the same for each address.</summary>
    public async Task<AccountResult> RegisterAsync(HttpContext context, string email, string password) =>
        options.Value.AllowRegistration
            ? await SendMailAsync(
                context,
                email,
                (account, page, limit) => account.RegisterAsync(email, password, page, limit),
                AccountPages.ConfirmEmail
            )
            : new AccountResult.NotOffered();

    /// <summary>Sets the password of the account that the link was sent to. If the backend issues tokens, the user is signed in.</summary>
    public Task<AccountResult> ResetPasswordAsync(HttpContext context, string newPassword) =>
        UseLinkAsync(context, AccountPages.ResetPassword, (account, token, limit) => account.ResetPasswordAsync(token, newPassword, limit));

    /// <summary>Confirms an e-mail address. If the backend issues tokens, the user is signed in.</summary>
    public Task<AccountResult> ConfirmEmailAsync(HttpContext context) =>
        UseLinkAsync(context, AccountPages.ConfirmEmail, (account, token, limit) => account.ConfirmEmailAsync(token, limit));

    /// <summary>Accepts an invitation, and signs in with the password.</summary>
    public async Task<AccountResult> AcceptInvitationAsync(HttpContext context, string password)
    {
        var result = await UseLinkAsync(
            context,
            AccountPages.AcceptInvitation,
            (account, token, limit) => account.AcceptInvitationAsync(token, password, limit)
        );
        return
            result is AccountResult.Done { Tokens: null, Email: { } email }
            && await sessions.SignInAsync(context, Credentials.From(email, password, rememberMe: false), context.RequestAborted)
                is AuthResult.Succeeded { Tokens: var tokens }
            ? new AccountResult.Done(tokens, email)
            : result;
    }

    public Task<AccountResult> GetStatusAsync(HttpContext context) =>
        CallAsync((account, limit) => account.GetStatusAsync(limit), session.Value.SignInTimeout, context.RequestAborted);

    /// <summary>Changes the password. This session continues if the adapter returns new tokens.</summary>
    public Task<AccountResult> ChangePasswordAsync(HttpContext context, AccountProof proof, string newPassword) =>
        ChangeAsync(context, (account, limit) => account.ChangePasswordAsync(proof, newPassword, limit));

    /// <summary>Changes the e-mail address, at once or by a link in a mail.</summary>
    public Task<AccountResult> ChangeEmailAsync(HttpContext context, AccountProof proof, string newEmail) =>
        mails.RunAsync(
            context.Connection.RemoteIpAddress,
            newEmail,
            () =>
                ChangeAsync(
                    context,
                    (account, limit) =>
                        account.ChangeEmailAsync(proof, newEmail, links.AddressOf(context, AccountPages.ConfirmEmail), limit),
                    nameof(ChangeEmailAsync)
                ),
            // Without a limit, the answers would reveal which addresses have an account.
            counts: result => result is AccountResult.Done or AccountResult.Refused { Field: AccountField.Email },
            wait => TooMany(context, nameof(ChangeEmailAsync), wait)
        );

    /// <summary>Starts to set up a second factor. <see cref="PendingTwoFactor"/> keeps the first step.</summary>
    public async Task<AccountResult> StartTwoFactorAsync(HttpContext context, AccountProof proof)
    {
        var result = await ChangeAsync(context, (account, limit) => account.StartTwoFactorAsync(proof, limit));
        if (result is AccountResult.TwoFactorSetup setup)
        {
            pendingTwoFactor.Write(context, proof.Password, setup);
        }

        return result;
    }

    /// <summary>Turns the second factor on.</summary>
    public async Task<AccountResult> EnableTwoFactorAsync(HttpContext context, string? code)
    {
        if (pendingTwoFactor.Read(context) is not { } setup)
        {
            return new AccountResult.LinkInvalid();
        }

        var proof = AccountProof.From(setup.Password, code);
        var result = await ChangeAsync(context, (account, limit) => account.EnableTwoFactorAsync(proof, setup.Secret, limit));

        if (PendingTwoFactor.EndsWith(result))
        {
            pendingTwoFactor.Delete(context);
        }

        return result;
    }

    /// <summary>Turns the second factor off.</summary>
    public Task<AccountResult> DisableTwoFactorAsync(HttpContext context, AccountProof proof) =>
        ChangeAsync(context, (account, limit) => account.DisableTwoFactorAsync(proof, limit));

    /// <summary>Returns whether the user must first set up a second factor. The answer false is kept while these tokens are in
    /// memory.</summary>
    public async Task<bool> RequiresTwoFactorSetupAsync(HttpContext context)
    {
        if (context.GetTokenSession().Ticket is not { Tokens: var tokens } || checkedTokens.TryGetValue(tokens, out _))
        {
            return false;
        }

        try
        {
            var isRequired = await backend.RunAsync<IAccountBackend, bool>(
                (account, limit) => account.RequiresTwoFactorSetupAsync(tokens.AccessToken, limit),
                session.Value.SignInTimeout,
                context.RequestAborted
            );
            if (!isRequired)
            {
                checkedTokens.AddOrUpdate(tokens, tokens);
            }

            return isRequired;
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            SecondFactorUnknown(exception);
            return false;
        }
    }

    /// <summary>Waits for <see cref="AccountOptions.MailResponseTime"/> and not for the backend, so that the response time does not depend
    /// on the address. The result does not depend on the address either: what the backend says about it is only logged.</summary>
    private Task<AccountResult> SendMailAsync(
        HttpContext context,
        string email,
        Func<IAccountBackend, Uri, CancellationToken, Task<AccountResult>> send,
        string page,
        [CallerMemberName] string task = ""
    ) =>
        mails.RunAsync(
            context.Connection.RemoteIpAddress,
            email,
            async () =>
            {
                var address = links.AddressOf(context, page);
                var mail = LogAsync(
                    context,
                    task,
                    CallAsync((account, limit) => send(account, address, limit), session.Value.SignInTimeout, CancellationToken.None)
                );
                await Task.Delay(options.Value.MailResponseTime, clock, context.RequestAborted);
                return mail.IsCompleted && await mail is var result && IsSameForEachAddress(result) ? result : new AccountResult.Done();
            },
            // A backend may check the password only if the address has no account.
            counts: result => result is AccountResult.Done or AccountResult.Refused { Field: AccountField.NewPassword },
            wait => TooMany(context, task, wait)
        );

    /// <summary>Whether this result is the same for each address: the connection failed, the backend does not offer this, or the input is
    /// invalid.</summary>
    private static bool IsSameForEachAddress(AccountResult result) =>
        result
            is AccountResult.Unavailable { OutcomeUnknown: false, Exception: not null }
                or AccountResult.NotOffered
                or AccountResult.Refused { Field: AccountField.NewPassword }
                or AccountResult.Refused { Field: AccountField.Email, Reason: not null };

    private async Task<AccountResult> UseLinkAsync(
        HttpContext context,
        string page,
        Func<IAccountBackend, string, CancellationToken, Task<AccountResult>> use,
        [CallerMemberName] string task = ""
    )
    {
        if (links.Read(context, page) is not { } token)
        {
            return new AccountResult.LinkInvalid();
        }

        // Even if the browser has left, the link may be used up, so the call is not canceled.
        var result = await failures.RunAsync(
            context.Connection.RemoteIpAddress,
            account: token,
            () =>
                LogAsync(
                    context,
                    task,
                    CallAsync((account, limit) => use(account, token, limit), session.Value.SignInTimeout, CancellationToken.None)
                ),
            counts: result => result is AccountResult.LinkInvalid,
            wait => TooMany(context, task, wait)
        );
        if (result is AccountResult.Done or AccountResult.LinkInvalid)
        {
            links.Delete(context, page);
        }

        switch (result)
        {
            // The link may belong to another user, who must not replace the signed-in user.
            case AccountResult.Done { Tokens: { } tokens } done when page is AccountPages.ConfirmEmail && HasSession(context):
                backend.RevokeInBackground(tokens);
                result = done with { Tokens = null };
                await sessions.EnsureFreshAsync(context, isUserActive: false, force: true);
                break;
            case AccountResult.Done { Tokens: { } tokens }:
                await sessions.SignInAsync(context, tokens, isPersistent: false);
                break;

            // The refresh shows whether the backend has ended this session.
            case AccountResult.Done { EndedSessions: true } when HasSession(context):
                await sessions.EnsureFreshAsync(context, isUserActive: false, force: true);
                break;
        }

        return result;
    }

    private static bool HasSession(HttpContext context) => context.GetTokenSession().State is not SessionState.SignedOut;

    /// <summary>Runs a change by the signed-in user. Failures are limited, so that another person cannot use an open session to guess the
    /// password. If the browser leaves, the change continues: otherwise, the new tokens would be lost.</summary>
    private async Task<AccountResult> ChangeAsync(
        HttpContext context,
        Func<IAccountBackend, CancellationToken, Task<AccountResult>> change,
        [CallerMemberName] string task = ""
    )
    {
        var result = await failures.RunAsync(
            context.Connection.RemoteIpAddress,
            account: context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? "",
            () => LogAsync(context, task, CallAsync(change, ChangeSteps * session.Value.SignInTimeout, CancellationToken.None)),
            counts: result => result is AccountResult.Refused { Field: AccountField.Password or AccountField.Code, IsGuess: true },
            wait => TooMany(context, task, wait)
        );
        switch (result)
        {
            case AccountResult.Done { Tokens: { } tokens }:
                await sessions.RestartAsync(context, tokens);
                break;
            case AccountResult.TwoFactorSetup { Tokens: { } tokens }:
                await sessions.RestartAsync(context, tokens);
                break;
            case AccountResult.Done { EndedSessions: true }:
                await sessions.SignOutAsync(context);
                break;
        }

        return result;
    }

    private async Task<AccountResult> LogAsync(HttpContext context, string task, Task<AccountResult> call)
    {
        var client = context.Connection.RemoteIpAddress;
        var result = await call;
        TaskEnded(task, client, result is AccountResult.Refused { Field: var field } ? $"Refused {field}" : result.GetType().Name);
        return result;
    }

    private AccountResult.TooManyAttempts TooMany(HttpContext context, string task, TimeSpan wait)
    {
        TooManyAttempts(task, context.Connection.RemoteIpAddress, wait);
        return new(wait);
    }

    private async Task<AccountResult> CallAsync(
        Func<IAccountBackend, CancellationToken, Task<AccountResult>> call,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        var adapter = "";
        try
        {
            var result = await backend.RunAsync<IAccountBackend, AccountResult>(
                (account, limit) =>
                {
                    adapter = account.GetType().Name;
                    return call(account, limit);
                },
                timeout,
                cancellationToken
            );
            switch (result)
            {
                case AccountResult.Unavailable unavailable:
                    BackendUnavailable(unavailable.Reason, unavailable.Exception);
                    break;
                case AccountResult.Unrecognized unrecognized:
                    logger.AnswerNotRecognized(unrecognized.Answer, adapter);
                    break;
            }

            return result;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (AuthResult.FromNetworkFailure(exception) is { } unavailable)
            {
                BackendUnavailable(unavailable.Reason, exception);
                return new AccountResult.Unavailable(unavailable.Reason, OutcomeUnknown: unavailable.OutcomeUnknown, Exception: exception);
            }

            AdapterFailed(exception);
            return new AccountResult.Unrecognized("the adapter threw an exception");
        }
    }

    [LoggerMessage(
        LogLevel.Warning,
        "The backend did not complete a task of an account: {Reason}. If this does not end, check Backend:Url and the users' permissions."
    )]
    private partial void BackendUnavailable(string reason, Exception? exception);

    [LoggerMessage(
        LogLevel.Error,
        "The backend adapter (IAccountBackend) threw an exception. This is an error in the adapter and not an outage of the backend. Correct "
            + "the method that the exception names."
    )]
    private partial void AdapterFailed(Exception exception);

    [LoggerMessage(
        LogLevel.Warning,
        "The backend did not say whether the user must set up a second factor. The page is shown without the check, and the next page "
            + "checks again."
    )]
    private partial void SecondFactorUnknown(Exception exception);

    [LoggerMessage(LogLevel.Information, "{Task} of a client at {Client} ended: {Result}.")]
    private partial void TaskEnded(string task, IPAddress? client, string result);

    [LoggerMessage(
        LogLevel.Warning,
        "{Task} of a client at {Client} was refused without a call to the backend, because there were too many attempts. The next attempt "
            + "is allowed in {RetryAfter}. The limits are in the sections Account (mails) and TokenSession (FailedSignIns...)."
    )]
    private partial void TooManyAttempts(string task, IPAddress? client, TimeSpan retryAfter);
}
