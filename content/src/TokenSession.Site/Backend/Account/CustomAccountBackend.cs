using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Refit;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Account;

/// <summary>
/// The adapter of your API for an account. This file has the paths, the names in requests, and what each refusal means. Edit it for your
/// API. Remove the methods of tasks that the API does not offer, and set their <see cref="Traits"/> to false.
/// </summary>
public sealed class CustomAccountBackend(ICustomAccountApi api, ICustomProfileApi profile, AccountChanger changer, SessionClock clock)
    : IAccountBackend
{
    public AccountTraits Traits { get; } = new() { NewEmailEndsSessions = false };

    public async Task<AccountResult> RequestPasswordResetAsync(string email, Uri page, CancellationToken cancellationToken)
    {
        using var response = await api.RequestPasswordResetAsync(new(email, page.AbsoluteUri), cancellationToken);

        // An API may answer 404 for an address without an account. This site must not reveal that.
        var result = ToResult(response);
        return result is AccountResult.NotOffered && response.StatusCode is HttpStatusCode.NotFound ? new AccountResult.Done() : result;
    }

    public async Task<AccountResult> ResetPasswordAsync(string token, string newPassword, CancellationToken cancellationToken)
    {
        using var response = await api.ResetPasswordAsync(new(token, newPassword), cancellationToken);
        var result = ToResult(response);
        return result is AccountResult.Done done ? done with { EndedSessions = true } : result;
    }

    /// <summary>If the API answers that the address has an account, this site does not reveal it.</summary>
    public async Task<AccountResult> RegisterAsync(string email, string password, Uri page, CancellationToken cancellationToken)
    {
        using var response = await api.RegisterAsync(new(email, password, page.AbsoluteUri), cancellationToken);
        var result = ToResult(response);
        return result is AccountResult.Refused { Field: AccountField.Email, Reason: null } ? new AccountResult.Done() : result;
    }

    public async Task<AccountResult> ConfirmEmailAsync(string token, CancellationToken cancellationToken)
    {
        using var response = await api.ConfirmEmailAsync(new(token), cancellationToken);
        return ToResult(response);
    }

    public async Task<AccountResult> AcceptInvitationAsync(string token, string password, CancellationToken cancellationToken)
    {
        using var response = await api.AcceptInvitationAsync(new(token, password), cancellationToken);
        return ToResult(response);
    }

    public async Task<AccountResult> GetStatusAsync(CancellationToken cancellationToken)
    {
        using var response = await profile.GetAsync(cancellationToken);
        return response.Content is { Email: { } email } user
            ? new AccountResult.Status(email, user.HasTwoFactor, user.RecoveryCodesLeft)
            : response.Without(ToResult(response), "an e-mail address");
    }

    public Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            token => Untyped(api.ChangePasswordAsync(new(newPassword), token, cancellationToken)),
            email => (email, proof with { Password = newPassword }),
            cancellationToken
        );

    public async Task<AccountResult> ChangeEmailAsync(AccountProof proof, string newEmail, Uri page, CancellationToken cancellationToken)
    {
        var result = await ChangeAsync(
            proof,
            token => api.ChangeEmailAsync(new(newEmail, page.AbsoluteUri), token, cancellationToken),
            signInAgain: null,
            cancellationToken
        );
        return result is AccountResult.Done done ? done with { WaitsForMail = true } : result;
    }

    public async Task<AccountResult> StartTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken)
    {
        CustomAccountAnswer? answer = null;
        var result = await ChangeAsync(
            proof,
            async token => Keep(await api.StartTwoFactorAsync(token, cancellationToken)),
            signInAgain: null,
            cancellationToken
        );
        return result is not AccountResult.Done ? result
            : answer is { Secret: { } secret, Uri: { } uri } ? new AccountResult.TwoFactorSetup(secret, uri)
            : new AccountResult.Unrecognized("the answer to the start of a second factor has no secret or no uri");

        IApiResponse Keep(IApiResponse<CustomAccountAnswer> response)
        {
            answer = response.Content;
            return response;
        }
    }

    public async Task<AccountResult> EnableTwoFactorAsync(AccountProof proof, string secret, CancellationToken cancellationToken)
    {
        string[] recoveryCodes = [];
        var result = await ChangeAsync(
            proof with
            {
                Code = null,
            },
            async token =>
            {
                var response = await api.EnableTwoFactorAsync(new(proof.Code ?? "", secret), token, cancellationToken);
                recoveryCodes = RecoveryCodesIn(response.Content);
                return response;
            },
            email => (email, proof),
            cancellationToken
        );
        return result is AccountResult.Done done ? done with { RecoveryCodes = recoveryCodes } : result;
    }

    public Task<AccountResult> DisableTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) =>
        ChangeAsync(
            proof,
            token => Untyped(api.DisableTwoFactorAsync(token, cancellationToken)),
            email => (email, proof with { Code = null }),
            cancellationToken
        );

    private async Task<AccountResult> ChangeAsync(
        AccountProof proof,
        Func<string, Task<IApiResponse>> change,
        Func<string, (string, AccountProof)>? signInAgain,
        CancellationToken cancellationToken
    )
    {
        var status = await GetStatusAsync(cancellationToken);
        return status is AccountResult.Status { Email: { } email }
            ? await changer.RunAsync(
                email,
                proof,
                async token =>
                {
                    using var response = await change(token);
                    return ToResult(response);
                },
                signInAgain?.Invoke(email),
                cancellationToken
            )
            : status.BeforeChange();
    }

    /// <summary>Converts a response, which may have tokens and the address of the account. After a change, the tokens continue the session.
    /// Without tokens, the site signs in again.</summary>
    private AccountResult ToResult(IApiResponse response) =>
        response.ToAccountResult(clock, (status, word) => Refusal(status, word, response)) switch
        {
            AccountResult.Done when (response as IApiResponse<TokenResponse>)?.Content is { } answer => new AccountResult.Done(
                answer.Read(clock.GetUtcNow()).Tokens,
                EmailIn(answer)
            ),
            var result => result,
        };

    private static async Task<IApiResponse> Untyped(Task<IApiResponse<TokenResponse>> response) => await response;

    private static string[] RecoveryCodesIn(TokenResponse? answer) =>
        answer is not null && FieldOf(answer, "recovery_codes") is { ValueKind: JsonValueKind.Array } codes
            ? [.. codes.EnumerateArray().Select(code => code.AsText()).OfType<string>()]
            : [];

    private static string? EmailIn(TokenResponse answer) => FieldOf(answer, "email").AsText();

    /// <summary>Returns a field of the answer or of its envelope.</summary>
    private static JsonElement FieldOf(TokenResponse answer, string name) =>
        answer.Fields.TryGetValue(name, out var field) ? field
        : answer.Data.ValueKind is JsonValueKind.Object && answer.Data.TryGetProperty(name, out field) ? field
        : default;

    /// <summary>Returns what a refusal means. The word comes from the error response (<see cref="ErrorResponse"/>).</summary>
    private static AccountResult? Refusal(int status, string? word, IApiResponse response) =>
        (status, word) switch
        {
            (_, "invalid_token" or "token_expired" or "token_used") => new AccountResult.LinkInvalid(),
            (_, "invalid_password" or "weak_password") => new AccountResult.Refused(AccountField.NewPassword, Description(response)),
            (_, "email_taken") => new AccountResult.Refused(AccountField.Email),
            (_, "invalid_email") => new AccountResult.Refused(
                AccountField.Email,
                Description(response) ?? "This is not an e-mail address."
            ),
            (_, "invalid_otp" or "otp_required") => new AccountResult.Refused(AccountField.Code),
            (_, "not_offered" or "registration_disabled") or (404, _) => new AccountResult.NotOffered(),
            _ => null,
        };

    /// <summary>Returns the text of the error response for the user.</summary>
    private static string? Description(IApiResponse response) =>
        response.ErrorBody<Dictionary<string, JsonElement>>()?.GetValueOrDefault("error_description").AsText();
}

/// <summary>The endpoints of your API for an account. They are called without an access token, or with the one that is passed as an
/// argument.</summary>
public interface ICustomAccountApi
{
    [Post("/auth/password/request")]
    Task<IApiResponse> RequestPasswordResetAsync(CustomMail body, CancellationToken cancellationToken);

    [Post("/auth/password/reset")]
    Task<IApiResponse<TokenResponse>> ResetPasswordAsync(CustomLink body, CancellationToken cancellationToken);

    [Post("/auth/register")]
    Task<IApiResponse> RegisterAsync(CustomRegistration body, CancellationToken cancellationToken);

    [Post("/auth/register/confirm")]
    Task<IApiResponse<TokenResponse>> ConfirmEmailAsync(CustomLink body, CancellationToken cancellationToken);

    [Post("/auth/invitation/accept")]
    Task<IApiResponse<TokenResponse>> AcceptInvitationAsync(CustomLink body, CancellationToken cancellationToken);

    [Post("/auth/account/password")]
    Task<IApiResponse<TokenResponse>> ChangePasswordAsync(
        CustomPassword body,
        [Authorize] string accessToken,
        CancellationToken cancellationToken
    );

    [Post("/auth/account/email")]
    Task<IApiResponse> ChangeEmailAsync(CustomMail body, [Authorize] string accessToken, CancellationToken cancellationToken);

    [Post("/auth/account/two-factor")]
    Task<IApiResponse<CustomAccountAnswer>> StartTwoFactorAsync([Authorize] string accessToken, CancellationToken cancellationToken);

    [Post("/auth/account/two-factor/enable")]
    Task<IApiResponse<TokenResponse>> EnableTwoFactorAsync(
        CustomCode body,
        [Authorize] string accessToken,
        CancellationToken cancellationToken
    );

    [Post("/auth/account/two-factor/disable")]
    Task<IApiResponse<TokenResponse>> DisableTwoFactorAsync([Authorize] string accessToken, CancellationToken cancellationToken);
}

/// <summary>The account of the signed-in user. It is called with the access token of the session.</summary>
public interface ICustomProfileApi
{
    [Get("/auth/account")]
    Task<IApiResponse<CustomAccountAnswer>> GetAsync(CancellationToken cancellationToken);
}

/// <param name="Url">The page of this site that the link leads to. The API adds <c>?token=</c> and the token.</param>
public sealed record CustomMail([property: JsonPropertyName("email")] string Email, [property: JsonPropertyName("url")] string Url);

public sealed record CustomRegistration(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("url")] string Url
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a registration";
}

public sealed record CustomLink(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("password"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Password = null
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a link";
}

public sealed record CustomPassword([property: JsonPropertyName("password")] string Password)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a password";
}

public sealed record CustomCode([property: JsonPropertyName("otp")] string Otp, [property: JsonPropertyName("secret")] string Secret)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a code";
}

public sealed record CustomAccountAnswer(
    [property: JsonPropertyName("email")] string? Email,
    [property: JsonPropertyName("two_factor")] bool? HasTwoFactor,
    [property: JsonPropertyName("recovery_codes_left")] int? RecoveryCodesLeft,
    [property: JsonPropertyName("secret")] string? Secret,
    [property: JsonPropertyName("uri")] string? Uri
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "an account";
}
