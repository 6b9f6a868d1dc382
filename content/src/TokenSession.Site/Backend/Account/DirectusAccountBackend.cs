using System.Text.Json.Serialization;
using Refit;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Account;

/// <summary>
/// The adapter of Directus for an account, tested with 11.17. Directus sends the mails. Its settings <c>PASSWORD_RESET_URL_ALLOW_LIST</c>,
/// <c>USER_REGISTER_URL_ALLOW_LIST</c> and <c>USER_INVITE_URL_ALLOW_LIST</c> must have the exact addresses of the pages of this site.
/// </summary>
public sealed partial class DirectusAccountBackend(
    IDirectusAccountApi api,
    IDirectusProfileApi profile,
    AccountChanger changer,
    SessionClock clock,
    ILogger<DirectusAccountBackend> logger
) : IAccountBackend
{
    /// <summary>Directus changes an e-mail address at once.</summary>
    public AccountTraits Traits { get; } = new() { ConfirmsNewEmail = false };

    public async Task<AccountResult> RequestPasswordResetAsync(string email, Uri page, CancellationToken cancellationToken)
    {
        using var response = await api.RequestPasswordResetAsync(new(email, page.AbsoluteUri), cancellationToken);
        return ToResult(response, (_, errors) => NotListed(errors, page, "PASSWORD_RESET_URL_ALLOW_LIST"));
    }

    public async Task<AccountResult> ResetPasswordAsync(string token, string newPassword, CancellationToken cancellationToken)
    {
        using var response = await api.ResetPasswordAsync(new(token, newPassword), cancellationToken);
        return UsedLink(response, token, endsSessions: true);
    }

    /// <summary>Directus checks its rule for passwords only for an address without an account.</summary>
    public async Task<AccountResult> RegisterAsync(string email, string password, Uri page, CancellationToken cancellationToken)
    {
        using var response = await api.RegisterAsync(new(email, password, page.AbsoluteUri), cancellationToken);
        return ToResult(
            response,
            (_, errors) =>
                NotListed(errors, page, "USER_REGISTER_URL_ALLOW_LIST")
                // Directus does not accept the input as an e-mail address.
                ?? (
                    errors?.Code is "INVALID_PAYLOAD"
                        ? new AccountResult.Refused(AccountField.Email, "This is not an e-mail address.")
                        : null
                )
        );
    }

    /// <summary>The answer is a redirect to the user in the Data Studio of Directus. It is not followed.</summary>
    public async Task<AccountResult> ConfirmEmailAsync(string token, CancellationToken cancellationToken)
    {
        using var response = await api.VerifyEmailAsync(token, cancellationToken);
        return UsedLink(response, token);
    }

    public async Task<AccountResult> AcceptInvitationAsync(string token, string password, CancellationToken cancellationToken)
    {
        using var response = await api.AcceptInvitationAsync(new(token, password), cancellationToken);
        return UsedLink(response, token);
    }

    public async Task<AccountResult> GetStatusAsync(CancellationToken cancellationToken)
    {
        using var response = await profile.GetAsync(cancellationToken);
        return response.Content is { } user
            ? new AccountResult.Status(user.Email, user.Email is null ? null : user.TwoFactorSecret is not null)
            : response.Without(ToResult(response), "a user");
    }

    public Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            token => api.UpdateAsync(new(Password: newPassword), token, cancellationToken),
            email => (email, proof with { Password = newPassword }),
            cancellationToken
        );

    public Task<AccountResult> ChangeEmailAsync(AccountProof proof, string newEmail, Uri page, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            token => api.UpdateAsync(new(Email: newEmail), token, cancellationToken),
            _ => (newEmail, proof),
            cancellationToken
        );

    public async Task<AccountResult> StartTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken)
    {
        DirectusTwoFactor? setup = null;
        var result = await ChangeAsync(
            proof,
            async token =>
            {
                var response = await api.GenerateTwoFactorAsync(new(proof.Password), token, cancellationToken);
                setup = response.Content;
                return response;
            },
            signInAgain: null,
            cancellationToken,
            // A second factor is on already.
            (_, errors) => errors?.Code is "INVALID_PAYLOAD" ? new AccountResult.NotOffered() : null
        );
        return result is not AccountResult.Done ? result
            : setup is not null ? new AccountResult.TwoFactorSetup(setup.Secret, setup.Uri)
            : new AccountResult.Unrecognized("the answer to the start of a second factor has no secret");
    }

    /// <summary>Ends no session.</summary>
    public Task<AccountResult> EnableTwoFactorAsync(AccountProof proof, string secret, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof with
            {
                Code = null,
            },
            token => api.EnableTwoFactorAsync(new(proof.Code ?? "", secret), token, cancellationToken),
            signInAgain: null,
            cancellationToken,
            WrongCode
        );

    /// <summary>Ends no session.</summary>
    public Task<AccountResult> DisableTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            token => api.DisableTwoFactorAsync(new(proof.Code ?? ""), token, cancellationToken),
            signInAgain: null,
            cancellationToken,
            WrongCode
        );

    /// <summary>A policy can require a second factor. Directus also serves users without one: its Data Studio asks for the setup, and so
    /// does this site. The claim <c>enforce_tfa</c> is not used, because the access token of a refresh does not have it.</summary>
    public async Task<bool> RequiresTwoFactorSetupAsync(string accessToken, CancellationToken cancellationToken)
    {
        using var policies = await profile.GetPoliciesAsync(cancellationToken);
        await policies.EnsureSuccessStatusCodeAsync();
        if (policies.Content is not { EnforcesTwoFactor: true })
        {
            return false;
        }

        return await GetStatusAsync(cancellationToken) is AccountResult.Status { HasTwoFactor: { } hasTwoFactor }
            ? !hasTwoFactor
            : throw new InvalidOperationException(
                "A policy of Directus requires a second factor, but users cannot read the field tfa_secret of their own profile. Permit it."
            );
    }

    private async Task<AccountResult> ChangeAsync(
        AccountProof proof,
        Func<string, Task<IApiResponse>> change,
        Func<string, (string, AccountProof)>? signInAgain,
        CancellationToken cancellationToken,
        Func<int, DirectusAccountErrors?, AccountResult?>? refusalOf = null
    )
    {
        var status = await GetStatusAsync(cancellationToken);
        if (status is not AccountResult.Status { Email: { } email })
        {
            return status is AccountResult.Status ? new AccountResult.NotOffered() : status.BeforeChange();
        }

        return await changer.RunAsync(
            email,
            proof,
            async token =>
            {
                using var response = await change(token);
                return ToResult(response, refusalOf);
            },
            signInAgain?.Invoke(email),
            cancellationToken
        );
    }

    /// <summary>The token of a link is a JWT that names the account.</summary>
    private AccountResult UsedLink(IApiResponse response, string token, bool endsSessions = false)
    {
        var result = ToResult(
            response,
            (status, errors) =>
                (status, errors?.Code) switch
                {
                    (302, _) => Confirmation(response.Headers?.Location),

                    // In this order: not a token of Directus; expired; used before in a reset, in an invitation, in a registration.
                    (_, "INVALID_TOKEN" or "TOKEN_EXPIRED" or "FORBIDDEN" or "INVALID_INVITE" or "INVALID_PAYLOAD") =>
                        new AccountResult.LinkInvalid(),
                    _ => null,
                }
        );
        return result is AccountResult.Done done
            ? done with
            {
                Email = JwtPayload.Read(token).Text("email"),
                EndedSessions = endsSessions,
            }
            : result;
    }

    /// <summary>Any other redirect does not come from Directus, but for example from a proxy that requires HTTPS.</summary>
    private static AccountResult.Done? Confirmation(Uri? location) =>
        location?.OriginalString.Contains("/admin/users/", StringComparison.Ordinal) is true ? new() : null;

    /// <summary>Detects and logs that Directus refuses the address of the page. It does so for all users.</summary>
    private AccountResult? NotListed(DirectusAccountErrors? errors, Uri page, string setting)
    {
        if (errors?.Code is not "INVALID_PAYLOAD" || errors.Reason?.Contains(page.AbsoluteUri, StringComparison.Ordinal) is not true)
        {
            return null;
        }

        PageNotListed(page, setting);
        return new AccountResult.NotOffered();
    }

    private AccountResult ToResult(IApiResponse response, Func<int, DirectusAccountErrors?, AccountResult?>? refusalOf = null) =>
        response.ToAccountResult<DirectusAccountErrors>(
            clock,
            (status, errors) => refusalOf?.Invoke(status, errors) ?? Refusal(status, errors)
        );

    private static AccountResult.Refused? WrongCode(int status, DirectusAccountErrors? errors) =>
        errors?.Code is "INVALID_PAYLOAD" ? new(AccountField.Code) : null;

    private static AccountResult? Refusal(int status, DirectusAccountErrors? errors) =>
        (errors?.Code, errors?.Field) switch
        {
            ("FAILED_VALIDATION", "password") => new AccountResult.Refused(AccountField.NewPassword, errors.Message),
            ("FAILED_VALIDATION", "email") => new AccountResult.Refused(AccountField.Email, errors.Message),
            ("RECORD_NOT_UNIQUE", _) => new AccountResult.Refused(AccountField.Email),
            ("INVALID_OTP", _) => new AccountResult.Refused(AccountField.Code),
            ("FORBIDDEN", _) => new AccountResult.NotOffered(),
            _ => null,
        };

    [LoggerMessage(
        LogLevel.Error,
        "Directus sent no mail, because {Page} is not in its setting {Setting}. Add this address to the setting, and restart Directus."
    )]
    private partial void PageNotListed(Uri page, string setting);
}

/// <summary>The endpoints of Directus for visitors. They are called without an access token.</summary>
public interface IDirectusAccountApi
{
    [Post("/auth/password/request")]
    Task<IApiResponse> RequestPasswordResetAsync(DirectusResetRequest body, CancellationToken cancellationToken);

    [Post("/auth/password/reset")]
    Task<IApiResponse> ResetPasswordAsync(DirectusLink body, CancellationToken cancellationToken);

    [Post("/users/register")]
    Task<IApiResponse> RegisterAsync(DirectusRegistration body, CancellationToken cancellationToken);

    [Get("/users/register/verify-email?token={token}")]
    Task<IApiResponse> VerifyEmailAsync(string token, CancellationToken cancellationToken);

    [Post("/users/invite/accept")]
    Task<IApiResponse> AcceptInvitationAsync(DirectusLink body, CancellationToken cancellationToken);

    /// <summary>Changes the user of this access token. The change of a password or an e-mail address ends all sessions of the user.</summary>
    [Patch("/users/me?fields=email")]
    Task<IApiResponse> UpdateAsync(DirectusChange body, [Authorize] string accessToken, CancellationToken cancellationToken);

    [Post("/users/me/tfa/generate")]
    Task<IApiResponse<DirectusTwoFactor>> GenerateTwoFactorAsync(
        DirectusPassword body,
        [Authorize] string accessToken,
        CancellationToken cancellationToken
    );

    [Post("/users/me/tfa/enable")]
    Task<IApiResponse> EnableTwoFactorAsync(
        DirectusTwoFactorCode body,
        [Authorize] string accessToken,
        CancellationToken cancellationToken
    );

    [Post("/users/me/tfa/disable")]
    Task<IApiResponse> DisableTwoFactorAsync(
        DirectusTwoFactorCode body,
        [Authorize] string accessToken,
        CancellationToken cancellationToken
    );
}

/// <summary>The account of the signed-in user. It is called with the access token of the session.</summary>
public interface IDirectusProfileApi
{
    [Get("/users/me?fields=email,tfa_secret")]
    Task<IApiResponse<DirectusProfile>> GetAsync(CancellationToken cancellationToken);

    /// <summary>Returns the combined settings of all policies of the user.</summary>
    [Get("/policies/me/globals")]
    Task<IApiResponse<DirectusPolicies>> GetPoliciesAsync(CancellationToken cancellationToken);
}

public sealed record DirectusResetRequest(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("reset_url")] string ResetUrl
);

public sealed record DirectusLink(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("password")] string Password
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a link";
}

public sealed record DirectusRegistration(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("verification_url")] string VerificationUrl
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a registration";
}

public sealed record DirectusChange(
    [property: JsonPropertyName("password"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Password = null,
    [property: JsonPropertyName("email"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Email = null
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a change";
}

public sealed record DirectusPassword([property: JsonPropertyName("password")] string Password)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a password";
}

public sealed record DirectusTwoFactorCode(
    [property: JsonPropertyName("otp")] string Otp,
    [property: JsonPropertyName("secret"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret = null
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a code";
}

public sealed record DirectusTwoFactor(
    [property: JsonPropertyName("secret")] string Secret,
    [property: JsonPropertyName("otpauth_url")] string Uri
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a second factor";
}

/// <param name="TwoFactorSecret">Asterisks, if a second factor is on.</param>
public sealed record DirectusProfile(
    [property: JsonPropertyName("email")] string? Email,
    [property: JsonPropertyName("tfa_secret")] string? TwoFactorSecret
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a profile";
}

public sealed record DirectusPolicies([property: JsonPropertyName("enforce_tfa")] bool EnforcesTwoFactor);

/// <summary>An error response of Directus (<see cref="DirectusErrors"/>), with the texts for the user.</summary>
public sealed record DirectusAccountErrors([property: JsonPropertyName("errors")] DirectusAccountErrors.Item[]? Errors)
{
    public string? Code => First?.Extensions?.Code;

    /// <summary>The field that FAILED_VALIDATION is about.</summary>
    public string? Field => First?.Extensions?.Field;

    public string? Message => First?.Message;

    /// <summary>The reason for INVALID_PAYLOAD.</summary>
    public string? Reason => First?.Extensions?.Reason;

    private Item? First => Errors is [var first, ..] ? first : null;

    public sealed record Item(
        [property: JsonPropertyName("message")] string? Message,
        [property: JsonPropertyName("extensions")] Details? Extensions
    );

    /// <summary>FAILED_VALIDATION also has a field with the refused password, which is not read.</summary>
    public sealed record Details(
        [property: JsonPropertyName("code")] string? Code,
        [property: JsonPropertyName("field")] string? Field,
        [property: JsonPropertyName("reason")] string? Reason
    );
}
