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
    UserProof proofs,
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
        return ToResult(response) is AccountResult.Done done ? done with { Email = email, HasEndedSession = true } : ToResult(response);
    }

    /// <summary>The endpoint says that an address has an account. This site does not.</summary>
    public async Task<AccountResult> RegisterAsync(string email, string password, Uri page, CancellationToken cancellationToken)
    {
        using var response = await api.RegisterAsync(new(email, password), cancellationToken);
        return ToResult(response) is AccountResult.Refused { Field: AccountField.Email, Reason: null }
            ? new AccountResult.Done()
            : ToResult(response);
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
        return result is AccountResult.Done done ? done with { Email = changedEmail, HasEndedSession = changedEmail.Count > 0 } : result;
    }

    public async Task<AccountResult> GetStatusAsync(CancellationToken cancellationToken)
    {
        using var info = await profile.GetInfoAsync(cancellationToken);
        if (info.Content is not { Email: { } email })
        {
            return ToResult(info);
        }

        using var twoFactor = await profile.GetTwoFactorAsync(new(), cancellationToken);
        return twoFactor.Content is { } state
            ? new AccountResult.Status(email, state.IsEnabled, state.IsEnabled ? state.RecoveryCodesLeft : null)
            : ToResult(twoFactor);
    }

    public Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async token =>
            {
                using var response = await api.UpdateAsync(new(newPassword, proof.Password), token, cancellationToken);
                return ToResult(response);
            },
            email => (email, proof with { Password = newPassword }),
            cancellationToken
        );

    /// <summary>The API sends a mail to the new address.</summary>
    public Task<AccountResult> ChangeEmailAsync(AccountProof proof, string newEmail, Uri page, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async token =>
            {
                using var response = await api.UpdateAsync(new(NewEmail: newEmail), token, cancellationToken);
                return ToResult(response) is AccountResult.Done done ? done with { WaitsForMail = true } : ToResult(response);
            },
            signInAgain: null,
            cancellationToken
        );

    public Task<AccountResult> StartTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async token =>
            {
                using var response = await api.SetTwoFactorAsync(new(), token, cancellationToken);
                return response.Content is { SharedKey: { } key } && await EmailAsync(cancellationToken) is { } email
                    ? new AccountResult.TwoFactorSetup(key, UriFor(email, key))
                    : ToResult(response);
            },
            signInAgain: null,
            cancellationToken
        );

    public Task<AccountResult> EnableTwoFactorAsync(AccountProof proof, string secret, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof with
            {
                Code = null,
            },
            async token =>
            {
                using var response = await api.SetTwoFactorAsync(new(Enable: true, Code: proof.Code), token, cancellationToken);
                return ToResult(response) is AccountResult.Done done
                    ? done with
                    {
                        RecoveryCodes = response.Content?.RecoveryCodes ?? [],
                    }
                    : ToResult(response);
            },
            email => (email, proof),
            cancellationToken
        );

    /// <summary>The next second factor gets another secret.</summary>
    public Task<AccountResult> DisableTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            async token =>
            {
                using var response = await api.SetTwoFactorAsync(new(Enable: false, ResetSharedKey: true), token, cancellationToken);
                return ToResult(response);
            },
            email => (email, proof with { Code = null }),
            cancellationToken
        );

    private async Task<AccountResult> ChangeAsync(
        AccountProof proof,
        Func<string, Task<AccountResult>> change,
        Func<string, (string, AccountProof)>? signInAgain,
        CancellationToken cancellationToken
    )
    {
        using var info = await profile.GetInfoAsync(cancellationToken);
        return info.Content is { Email: { } email }
            ? await proofs.RunAsync(email, proof, change, signInAgain?.Invoke(email), cancellationToken)
            : ToResult(info);
    }

    private async Task<string?> EmailAsync(CancellationToken cancellationToken)
    {
        using var info = await profile.GetInfoAsync(cancellationToken);
        return info.Content?.Email;
    }

    private string UriFor(string email, string key)
    {
        var issuer = Uri.EscapeDataString(site.ApplicationName);
        return $"otpauth://totp/{issuer}:{Uri.EscapeDataString(email)}?secret={key}&issuer={issuer}&digits=6";
    }

    /// <summary>The query in the token of a link; null if there is none.</summary>
    private static Dictionary<string, Microsoft.Extensions.Primitives.StringValues>? Read(string token) =>
        Base64Url.IsValid(token) ? QueryHelpers.ParseQuery(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token))) : null;

    private AccountResult ToResult(IApiResponse response) => response.ToAccountResult<IdentityErrors>(clock, Refusal);

    private static AccountResult? Refusal(int status, IdentityErrors? problem) =>
        (problem?.Errors?.Keys.FirstOrDefault(), problem?.Messages) switch
        {
            ("InvalidToken", _) => new AccountResult.LinkInvalid(),
            ("PasswordMismatch", _) => new AccountResult.Refused(AccountField.Password),
            ("InvalidTwoFactorCode" or "RequiresTwoFactor", _) => new AccountResult.Refused(AccountField.Code),
            ("DuplicateUserName" or "DuplicateEmail", _) => new AccountResult.Refused(AccountField.Email),
            ("InvalidEmail" or "InvalidUserName", var reason) => new AccountResult.Refused(AccountField.Email, reason),
            ({ } key, var reason) when key.StartsWith("Password", StringComparison.Ordinal) => new AccountResult.Refused(
                AccountField.NewPassword,
                reason
            ),
            _ => status is 404 ? new AccountResult.NotOffered() : null,
        };
}

/// <summary>The endpoints of <c>MapIdentityApi</c> for an account. They are called without an access token, or with one that is passed.
/// </summary>
public interface IIdentityAccountApi
{
    [Post(IIdentityAuthApi.Path + "/forgotPassword")]
    Task<IApiResponse> ForgotPasswordAsync(IdentityEmail body, CancellationToken cancellationToken);

    [Post(IIdentityAuthApi.Path + "/resetPassword")]
    Task<IApiResponse> ResetPasswordAsync(IdentityPasswordReset body, CancellationToken cancellationToken);

    [Post(IIdentityAuthApi.Path + "/register")]
    Task<IApiResponse> RegisterAsync(IdentityRegistration body, CancellationToken cancellationToken);

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

    [Post(IIdentityAuthApi.Path + "/manage/2fa")]
    Task<IApiResponse<IdentityTwoFactor>> GetTwoFactorAsync(IdentityTwoFactorChange body, CancellationToken cancellationToken);
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
    [property: JsonPropertyName("resetSharedKey")] bool ResetSharedKey = false
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a second factor";
}

public sealed record IdentityTwoFactor(
    [property: JsonPropertyName("sharedKey")] string? SharedKey,
    [property: JsonPropertyName("recoveryCodes")] string[]? RecoveryCodes,
    [property: JsonPropertyName("recoveryCodesLeft")] int RecoveryCodesLeft,
    [property: JsonPropertyName("isTwoFactorEnabled")] bool IsEnabled
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a second factor";
}

/// <summary>A validation problem: the names of the errors, each with sentences that a user may read.</summary>
public sealed record IdentityErrors([property: JsonPropertyName("errors")] Dictionary<string, string[]>? Errors)
{
    public string? Messages => Errors is null ? null : string.Join(" ", Errors.Values.SelectMany(sentences => sentences));
}
