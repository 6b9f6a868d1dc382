using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend.Demo;

/// <summary>The adapter of the demo backend. The demo backend does not use your own adapter, so you can change its wire format without
/// changing the demo backend.</summary>
public sealed class DemoAuthBackend(IHttpClientFactory clients, SessionClock clock) : IAuthBackend
{
    public const string Client = "demo backend",
        SignInPath = "/auth/login",
        RefreshPath = "/auth/refresh",
        SignOutPath = "/auth/logout";

    public BackendTraits Traits { get; } = new() { AcceptsRecoveryCodes = true };

    public async Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
    {
        var call = new DemoCall(credentials.Email, credentials.Password, credentials.Otp, credentials.RecoveryCode);
        using var response = await SendAsync(SignInPath, call, cancellationToken);
        var answer = await ReadAsync(response, cancellationToken);
        return answer?.Error switch
        {
            DemoError.BadCredentials or DemoError.BadRequest => new AuthResult.Rejected(RejectionReason.InvalidCredentials),
            DemoError.OtpRequired => new AuthResult.Rejected(RejectionReason.OtpRequired),
            DemoError.TooManyRequests => new AuthResult.Rejected(RejectionReason.TooManyAttempts, RetryAfter(response)),
            _ => ToResult(response, answer, refreshToken: null),
        };
    }

    public async Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(RefreshPath, new DemoCall(RefreshToken: tokens.RefreshToken), cancellationToken);
        var answer = await ReadAsync(response, cancellationToken);
        return answer?.Error is DemoError.TokenRejected
            ? new AuthResult.Rejected(RejectionReason.InvalidRefreshToken)
            : ToResult(response, answer, tokens.RefreshToken);
    }

    public async Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(SignOutPath, new DemoCall(RefreshToken: tokens.RefreshToken), cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public static ValueTask<bool> RefusesAccessToken(HttpResponseMessage response, CancellationToken cancellationToken) =>
        ValueTask.FromResult(response.StatusCode is HttpStatusCode.Unauthorized);

    private async Task<HttpResponseMessage> SendAsync(string path, DemoCall call, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(Client);
        return await client.PostAsJsonAsync(path, call, cancellationToken);
    }

    private AuthResult ToResult(HttpResponseMessage response, DemoAnswer? answer, string? refreshToken)
    {
        if (answer is { AccessToken: { } accessToken, ExpiresIn: { } seconds } && (answer.RefreshToken ?? refreshToken) is { } next)
        {
            var now = clock.GetUtcNow();
            return new AuthResult.Succeeded(new(accessToken, now, now.AddSeconds(seconds), next));
        }

        var status = (int)response.StatusCode;
        return new AuthResult.Unavailable($"the demo backend answered {status}", RetryAfter(response), OutcomeUnknown: status is 200);
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta;

    private static async Task<DemoAnswer?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync<DemoAnswer>(cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The body of a call to the demo backend.</summary>
public sealed record DemoCall(
    string? Email = null,
    string? Password = null,
    string? Otp = null,
    string? RecoveryCode = null,
    string? RefreshToken = null
)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a call";
}

/// <summary>The body of an answer of the demo backend: tokens, or an error.</summary>
/// <param name="ExpiresIn">In seconds.</param>
public sealed record DemoAnswer(string? AccessToken = null, string? RefreshToken = null, double? ExpiresIn = null, DemoError? Error = null)
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "an answer";
}
