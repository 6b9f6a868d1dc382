using System.Net;
using System.Text.Json.Serialization;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>The adapter of the ASP.NET Core Identity endpoints (<c>MapIdentityApi</c>), tested with 10.0. The access token is opaque, so the
/// name of the user is the e-mail address of the sign-in.</summary>
public sealed class IdentityBackend(IIdentityAuthApi api, SessionClock clock) : IAuthBackend
{
    /// <summary>A refresh token stays valid until it expires, or until the security stamp of the user changes.</summary>
    public BackendTraits Traits { get; } =
        new()
        {
            RefusesReuse = false,
            RevokesRefreshTokens = false,
            AcceptsRecoveryCodes = true,
        };

    public async Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
    {
        var login = new IdentityLogin(credentials.Email, credentials.Password, credentials.Otp, credentials.RecoveryCode);
        using var response = await api.LoginAsync(login, cancellationToken);
        var result = response.ToAuthResult<IdentityProblem>(
            (status, problem) => SignInRefusal(status, problem, credentials.HasCode),
            clock
        );
        return result is AuthResult.Succeeded { Tokens: var tokens }
            ? new AuthResult.Succeeded(tokens with { User = new(credentials.Email.ToLowerInvariant(), credentials.Email) })
            : result;
    }

    public async Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await api.RefreshAsync(new(tokens.RefreshToken), cancellationToken);
        return response.ToAuthResult<IdentityProblem>(RefreshRefusal, clock, tokens.RefreshToken);
    }

    /// <summary>There is nothing to revoke: the session ends on this site.</summary>
    public Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Determines whether the API refused a data call because of its access token. It answers 404 if the user was
    /// deleted.</summary>
    public static ValueTask<bool> RefusesAccessToken(HttpResponseMessage response, CancellationToken cancellationToken) =>
        ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized || response.IsNotFoundAt(IBackendApi.MePath));

    private static RejectionReason? SignInRefusal(int status, IdentityProblem? problem, bool hasCode) =>
        (status, problem?.Detail) switch
        {
            (401, "Failed") => hasCode ? RejectionReason.InvalidCredentialsOrOtp : RejectionReason.InvalidCredentials,
            (401, "RequiresTwoFactor") => RejectionReason.OtpRequired,
            (401, "LockedOut") => RejectionReason.LockedOut,
            (401, "NotAllowed") => RejectionReason.NotAllowed,
            (429, _) => RejectionReason.TooManyAttempts,
            _ => null,
        };

    private static RejectionReason? RefreshRefusal(int status, IdentityProblem? problem) =>
        status is 401 ? RejectionReason.InvalidRefreshToken : null;
}

/// <summary>The endpoints of <c>MapIdentityApi</c> that issue and refresh tokens. There is no endpoint that revokes them.</summary>
public interface IIdentityAuthApi
{
    /// <summary>The path at which your API maps them: empty for <c>app.MapIdentityApi()</c>, <c>/identity</c> for
    /// <c>app.MapGroup("/identity").MapIdentityApi()</c>.</summary>
    const string Path = "";

    [Post(Path + "/login")]
    Task<IApiResponse<TokenResponse>> LoginAsync(IdentityLogin body, CancellationToken cancellationToken);

    [Post(Path + "/refresh")]
    Task<IApiResponse<TokenResponse>> RefreshAsync(IdentityRefreshToken body, CancellationToken cancellationToken);
}

public sealed record IdentityLogin(
    [property: JsonPropertyName("email")] string Email,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("twoFactorCode"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TwoFactorCode,
    [property: JsonPropertyName("twoFactorRecoveryCode"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RecoveryCode
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a sign-in";
}

public sealed record IdentityRefreshToken([property: JsonPropertyName("refreshToken")] string RefreshToken)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a refresh token";
}

/// <summary>A problem of the Identity endpoints. The detail of a refused sign-in is the name of the result, such as <c>LockedOut</c>.
/// </summary>
public sealed record IdentityProblem([property: JsonPropertyName("detail")] string? Detail);
