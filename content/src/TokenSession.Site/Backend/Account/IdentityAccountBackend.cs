using System.Buffers.Text;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;
using Refit;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Account;

/// <summary>
/// The adapter of the ASP.NET Core Identity endpoints for an account, tested with 10.0. Your API sends the mails
/// (<c>IEmailSender&lt;TUser&gt;</c>). Its links must lead to the pages of this site, with a token that this adapter can read: a query such as
/// <c>email=...&amp;code=...</c> in Base64Url.
/// </summary>
public sealed class IdentityAccountBackend(
    IIdentityAccountApi api,
    IIdentityProfileApi profile,
    AccountChanger changer,
    SessionClock clock,
    IHostEnvironment site
) : IAccountBackend
{
    /// <summary>Your API knows where its links lead, and it has no endpoint for invitations.</summary>
    public AccountTraits Traits { get; } = new() { Invites = false, NeedsSiteUrl = false };

    public async Task<AccountResult> RequestPasswordResetAsync(string email, Uri page, CancellationToken cancellationToken)
    {
        using var response = await api.ForgotPasswordAsync(new(email), cancellationToken);
        return ToResult(response);
    }

    public async Task<AccountResult> ResetPasswordAsync(string token, string newPassword, CancellationToken cancellationToken)
    {
        if (Read(token) is not { } link || !link.TryGetValue("email", out var email) || !link.TryGetValue("code", out var code))
        {
            return new AccountResult.LinkInvalid();
        }

        using var response = await api.ResetPasswordAsync(new(email!, code!, newPassword), cancellationToken);
        var result = ToResult(response);
        return result is AccountResult.Done done ? done with { Email = email, EndedSessions = true } : result;
    }

    /// <summary>The endpoint reveals that an address has an account. This site does not. The mail of an earlier registration may be lost,
    /// so another mail is sent.</summary>
    public async Task<AccountResult> RegisterAsync(string email, string password, Uri page, CancellationToken cancellationToken)
    {
        using var response = await api.RegisterAsync(new(email, password), cancellationToken);
        var result = ToResult(response);
        if (result is not AccountResult.Refused { Field: AccountField.Email, Reason: null })
        {
            return result;
        }

        using var again = await api.ResendConfirmationEmailAsync(new(email), cancellationToken);
        return ToResult(again);
    }

    public async Task<AccountResult> ConfirmEmailAsync(string token, CancellationToken cancellationToken)
    {
        if (Read(token) is not { } link || !link.TryGetValue("userId", out var userId) || !link.TryGetValue("code", out var code))
        {
            return new AccountResult.LinkInvalid();
        }

        // A new address changes the security stamp, which ends all sessions of the user.
        link.TryGetValue("changedEmail", out var changedEmail);
        using var response = await api.ConfirmEmailAsync(userId!, code!, changedEmail, cancellationToken);
        var result = response.ToAccountResult<IdentityErrors>(clock, (status, _) => status is 401 ? new AccountResult.LinkInvalid() : null);
        return result is AccountResult.Done done ? done with { Email = changedEmail, EndedSessions = changedEmail.Count > 0 } : result;
    }

    /// <summary>Does not read whether a second factor is on. The only endpoint that returns it also creates a secret for a user who has
    /// none, and this ends all sessions of the user.</summary>
    public async Task<AccountResult> GetStatusAsync(CancellationToken cancellationToken)
    {
        using var response = await profile.GetInfoAsync(cancellationToken);
        return response.Content is { Email: { } email }
            ? new AccountResult.Status(email, HasTwoFactor: null)
            : response.Without(ToResult(response), "an e-mail address");
    }

    public Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async (_, token) =>
            {
                using var response = await api.UpdateAsync(new(newPassword, proof.Password), token, cancellationToken);
                return ToResult(response);
            },
            signInAgain: proof with
            {
                Password = newPassword,
            },
            cancellationToken
        );

    /// <summary>The API sends a mail to the new address.</summary>
    public Task<AccountResult> ChangeEmailAsync(AccountProof proof, string newEmail, Uri page, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async (_, token) =>
            {
                using var response = await api.UpdateAsync(new(NewEmail: newEmail), token, cancellationToken);
                var result = ToResult(response);
                return result is AccountResult.Done done ? done with { WaitsForMail = true } : result;
            },
            signInAgain: null,
            cancellationToken
        );

    /// <summary>The first secret of a user ends all sessions of the user.</summary>
    public Task<AccountResult> StartTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async (email, token) =>
            {
                using var response = await api.SetTwoFactorAsync(new(), token, cancellationToken);
                return response.Content switch
                {
                    { IsEnabled: true } => new AccountResult.NotOffered(),
                    { SharedKey: { } key } => new AccountResult.TwoFactorSetup(key, UriFor(email, key)),
                    _ => response.Without(ToResult(response), "a secret"),
                };
            },
            signInAgain: proof,
            cancellationToken
        );

    /// <summary>The API keeps the recovery codes of an earlier second factor. The user may have lost them, so new ones replace them.</summary>
    public Task<AccountResult> EnableTwoFactorAsync(AccountProof proof, string secret, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof with
            {
                Code = null,
            },
            async (_, token) =>
            {
                using var response = await api.SetTwoFactorAsync(
                    new(Enable: true, Code: proof.Code, ResetRecoveryCodes: true),
                    token,
                    cancellationToken
                );
                var result = ToResult(response);
                return result is AccountResult.Done done ? done with { RecoveryCodes = response.Content?.RecoveryCodes ?? [] } : result;
            },
            signInAgain: proof,
            cancellationToken
        );

    /// <summary>The next second factor gets another secret.</summary>
    public Task<AccountResult> DisableTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async (_, token) =>
            {
                using var response = await api.SetTwoFactorAsync(new(Enable: false, ResetSharedKey: true), token, cancellationToken);
                return ToResult(response);
            },
            signInAgain: proof with
            {
                Code = null,
            },
            cancellationToken
        );

    /// <param name="proof">What the user entered.</param>
    /// <param name="change">Changes the account with this address, with an access token.</param>
    /// <param name="signInAgain">The credentials for a sign-in after the change; null: the change ends no session.</param>
    /// <param name="cancellationToken">Ends the calls at the time limit.</param>
    private async Task<AccountResult> ChangeAsync(
        AccountProof proof,
        Func<string, string, Task<AccountResult>> change,
        AccountProof? signInAgain,
        CancellationToken cancellationToken
    ) =>
        await GetStatusAsync(cancellationToken) switch
        {
            AccountResult.Status { Email: { } email } => await changer.RunAsync(
                email,
                proof,
                token => change(email, token),
                signInAgain is null ? null : (email, signInAgain),
                cancellationToken
            ),
            var failure => failure.BeforeChange(),
        };

    private string UriFor(string email, string key)
    {
        var issuer = Uri.EscapeDataString(site.ApplicationName);
        return $"otpauth://totp/{issuer}:{Uri.EscapeDataString(email)}?secret={key}&issuer={issuer}&digits=6";
    }

    /// <summary>Reads the query in the token of a link; null if there is none.</summary>
    private static Dictionary<string, Microsoft.Extensions.Primitives.StringValues>? Read(string token) =>
        Base64Url.IsValid(token) ? QueryHelpers.ParseQuery(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token))) : null;

    private AccountResult ToResult(IApiResponse response) => response.ToAccountResult<IdentityErrors>(clock, Refusal);

    /// <summary>Returns what a refusal means. The user sees the sentences about a password or an address.</summary>
    private static AccountResult? Refusal(int status, IdentityErrors? problem) =>
        problem switch
        {
            null => status is 404 ? new AccountResult.NotOffered() : null,
            _ when problem.Has("InvalidToken") => new AccountResult.LinkInvalid(),
            _ when problem.Has("PasswordMismatch") => new AccountResult.Refused(AccountField.Password),
            _ when problem.Has("InvalidTwoFactorCode", "RequiresTwoFactor") => new AccountResult.Refused(AccountField.Code),
            _ when problem.Sentences("Password") is { } reason => new AccountResult.Refused(AccountField.NewPassword, reason),
            _ when problem.Has("DuplicateUserName", "DuplicateEmail") => new AccountResult.Refused(AccountField.Email),
            _ when problem.Sentences("InvalidEmail", "InvalidUserName") is { } reason => new AccountResult.Refused(
                AccountField.Email,
                reason
            ),
            _ => status is 404 ? new AccountResult.NotOffered() : null,
        };
}

/// <summary>The endpoints of <c>MapIdentityApi</c> for an account. They are called without an access token, or with the one that is passed
/// as an argument.</summary>
public interface IIdentityAccountApi
{
    [Post(IIdentityAuthApi.Path + "/forgotPassword")]
    Task<IApiResponse> ForgotPasswordAsync(IdentityEmail body, CancellationToken cancellationToken);

    [Post(IIdentityAuthApi.Path + "/resetPassword")]
    Task<IApiResponse> ResetPasswordAsync(IdentityPasswordReset body, CancellationToken cancellationToken);

    [Post(IIdentityAuthApi.Path + "/register")]
    Task<IApiResponse> RegisterAsync(IdentityRegistration body, CancellationToken cancellationToken);

    [Post(IIdentityAuthApi.Path + "/resendConfirmationEmail")]
    Task<IApiResponse> ResendConfirmationEmailAsync(IdentityEmail body, CancellationToken cancellationToken);

    [Get(IIdentityAuthApi.Path + "/confirmEmail")]
    Task<IApiResponse> ConfirmEmailAsync(string userId, string code, string? changedEmail, CancellationToken cancellationToken);

    /// <summary>Changes the password, or sends a mail to the new address.</summary>
    [Post(IIdentityAuthApi.Path + "/manage/info")]
    Task<IApiResponse> UpdateAsync(IdentityChange body, [Authorize] string accessToken, CancellationToken cancellationToken);

    [Post(IIdentityAuthApi.Path + "/manage/2fa")]
    Task<IApiResponse<IdentityTwoFactor>> SetTwoFactorAsync(
        IdentityTwoFactorChange body,
        [Authorize] string accessToken,
        CancellationToken cancellationToken
    );
}

/// <summary>The account of the signed-in user. It is called with the access token of the session.</summary>
public interface IIdentityProfileApi
{
    [Get(IIdentityAuthApi.Path + "/manage/info")]
    Task<IApiResponse<IdentityEmail>> GetInfoAsync(CancellationToken cancellationToken);
}

public sealed record IdentityEmail([property: JsonPropertyName("email")] string Email);

public sealed record IdentityPasswordReset(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("resetCode")] string ResetCode,
    [property: JsonPropertyName("newPassword")] string NewPassword
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a password reset";
}

public sealed record IdentityRegistration(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("password")] string Password
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a registration";
}

public sealed record IdentityChange(
    [property: JsonPropertyName("newPassword"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NewPassword = null,
    [property: JsonPropertyName("oldPassword"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OldPassword = null,
    [property: JsonPropertyName("newEmail"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NewEmail = null
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a change";
}

public sealed record IdentityTwoFactorChange(
    [property: JsonPropertyName("enable"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Enable = null,
    [property: JsonPropertyName("twoFactorCode"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Code = null,
    [property: JsonPropertyName("resetSharedKey")] bool ResetSharedKey = false,
    [property: JsonPropertyName("resetRecoveryCodes")] bool ResetRecoveryCodes = false
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a second factor";
}

public sealed record IdentityTwoFactor(
    [property: JsonPropertyName("sharedKey")] string? SharedKey,
    [property: JsonPropertyName("recoveryCodes")] string[]? RecoveryCodes,
    [property: JsonPropertyName("isTwoFactorEnabled")] bool IsEnabled
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a second factor";
}

/// <summary>A validation problem: the names of the errors, each with sentences.</summary>
public sealed record IdentityErrors([property: JsonPropertyName("errors")] Dictionary<string, string[]>? Errors)
{
    public bool Has(params string[] names) => Errors is not null && names.Any(Errors.ContainsKey);

    /// <summary>Returns the sentences of the errors whose names begin with one of these texts; null if there are none.</summary>
    public string? Sentences(params string[] starts)
    {
        var found = Errors?.Where(error => starts.Any(start => error.Key.StartsWith(start, StringComparison.Ordinal)));
        return found?.SelectMany(error => error.Value).ToList() is { Count: > 0 } sentences ? string.Join(" ", sentences) : null;
    }
}
