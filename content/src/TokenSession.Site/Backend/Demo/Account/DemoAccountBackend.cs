using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using TokenSessionSite.Backend.Account;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Demo.Account;

/// <summary>The adapter of the demo backend for an account. The demo backend does not use your own adapter.</summary>
public sealed class DemoAccountBackend(IHttpClientFactory clients, AccountChanger changer, DemoAccounts accounts, IHostEnvironment site)
    : IAccountBackend
{
    /// <summary>The client that sends the access token of the session.</summary>
    public const string UserClient = "demo backend, as the user";

    public AccountTraits Traits { get; } = new();

    public Task<AccountResult> RequestPasswordResetAsync(string email, Uri page, CancellationToken cancellationToken) =>
        SendAsync("request-reset", new(Email: email, Page: page), cancellationToken);

    public Task<AccountResult> ResetPasswordAsync(string token, string newPassword, CancellationToken cancellationToken) =>
        SendAsync("reset", new(Token: token, Password: newPassword), cancellationToken);

    public Task<AccountResult> RegisterAsync(string email, string password, Uri page, CancellationToken cancellationToken) =>
        SendAsync("register", new(Email: email, Password: password, Page: page), cancellationToken);

    public Task<AccountResult> ConfirmEmailAsync(string token, CancellationToken cancellationToken) =>
        SendAsync("confirm", new(Token: token), cancellationToken);

    public Task<AccountResult> AcceptInvitationAsync(string token, string password, CancellationToken cancellationToken) =>
        SendAsync("accept", new(Token: token, Password: password), cancellationToken);

    public async Task<AccountResult> GetStatusAsync(CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(UserClient);
        try
        {
            var (result, answer) = await SendAsync(client, "status", new(), cancellationToken);
            return result is AccountResult.Done && answer is not null
                ? new AccountResult.Status(answer.Email, answer.HasTwoFactor, answer.RecoveryCodesLeft)
                : result;
        }
        catch (Exception exception) when (AuthResult.FromNetworkFailure(exception) is { } unavailable)
        {
            return new AccountResult.Unavailable(unavailable.Reason, Exception: exception);
        }
    }

    public Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            token => SendAsync("password", new(Password: newPassword), cancellationToken, token),
            email => (email, proof with { Password = newPassword }),
            cancellationToken
        );

    public async Task<AccountResult> ChangeEmailAsync(AccountProof proof, string newEmail, Uri page, CancellationToken cancellationToken)
    {
        var result = await ChangeAsync(
            proof,
            token => SendAsync("email", new(Email: newEmail, Page: page), cancellationToken, token),
            signInAgain: null,
            cancellationToken
        );
        return result is AccountResult.Done done ? done with { WaitsForMail = true } : result;
    }

    public Task<AccountResult> StartTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(proof, token => SendAsync("start-two-factor", new(), cancellationToken, token), signInAgain: null, cancellationToken);

    public Task<AccountResult> EnableTwoFactorAsync(AccountProof proof, string secret, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof with
            {
                Code = null,
            },
            token => SendAsync("enable-two-factor", new(Secret: secret, Code: proof.Code), cancellationToken, token),
            signInAgain: null,
            cancellationToken
        );

    public Task<AccountResult> DisableTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(proof, token => SendAsync("disable-two-factor", new(), cancellationToken, token), signInAgain: null, cancellationToken);

    public Task<bool> RequiresTwoFactorSetupAsync(string accessToken, CancellationToken cancellationToken) =>
        Task.FromResult(JwtPayload.Read(accessToken).Subject is { } email && accounts.MustHaveTwoFactor.Contains(email));

    private async Task<AccountResult> ChangeAsync(
        AccountProof proof,
        Func<string, Task<AccountResult>> change,
        Func<string, (string, AccountProof)>? signInAgain,
        CancellationToken cancellationToken
    ) =>
        await GetStatusAsync(cancellationToken) switch
        {
            AccountResult.Status { Email: { } email } => await changer.RunAsync(
                email,
                proof,
                change,
                signInAgain?.Invoke(email),
                cancellationToken
            ),
            var failure => failure,
        };

    private async Task<AccountResult> SendAsync(
        string task,
        DemoAccountCall call,
        CancellationToken cancellationToken,
        string? accessToken = null
    )
    {
        using var client = clients.CreateClient(DemoAuthBackend.Client);
        client.DefaultRequestHeaders.Authorization = accessToken is null ? null : new AuthenticationHeaderValue("Bearer", accessToken);
        return (await SendAsync(client, task, call, cancellationToken)).Result;
    }

    private async Task<(AccountResult Result, DemoAccountAnswer? Answer)> SendAsync(
        HttpClient client,
        string task,
        DemoAccountCall call,
        CancellationToken cancellationToken
    )
    {
        using var response = await client.PostAsJsonAsync(DemoAccounts.Path + task, call, cancellationToken);
        DemoAccountAnswer? answer;
        try
        {
            answer = await response.Content.ReadFromJsonAsync<DemoAccountAnswer>(cancellationToken);
        }
        catch (JsonException)
        {
            answer = null;
        }

        var status = (int)response.StatusCode;
        if (answer is null || status is not (200 or 400))
        {
            return (
                status switch
                {
                    429 => new AccountResult.TooManyAttempts(response.Headers.RetryAfter?.Delta),
                    _ => new AccountResult.Unavailable($"the demo backend answered {status}", response.Headers.RetryAfter?.Delta),
                },
                null
            );
        }

        return (ToResult(answer), answer);
    }

    private AccountResult ToResult(DemoAccountAnswer answer) =>
        answer.Error switch
        {
            null when answer.Secret is { } secret => new AccountResult.TwoFactorSetup(secret, UriFor(secret)),
            null => new AccountResult.Done(Email: answer.Email)
            {
                EndedSessions = answer.EndedSessions,
                RecoveryCodes = answer.RecoveryCodes,
            },
            DemoAccountError.LinkInvalid => new AccountResult.LinkInvalid(),
            DemoAccountError.EmailRefused => new AccountResult.Refused(AccountField.Email),
            DemoAccountError.PasswordRefused => new AccountResult.Refused(AccountField.NewPassword, DemoAccounts.PasswordRule),
            DemoAccountError.CodeRefused => new AccountResult.Refused(AccountField.Code),
            _ => new AccountResult.NotOffered(),
        };

    private string UriFor(string secret)
    {
        var issuer = Uri.EscapeDataString(site.ApplicationName);
        return $"otpauth://totp/{issuer}:demo?secret={secret}&issuer={issuer}";
    }
}
