using TokenSessionSite.Backend;

namespace TokenSessionSite.Session;

/// <summary>Asks the backend whether somebody is who they say they are, unless they have been wrong too often.</summary>
public sealed class CredentialsCheck(SignInLimiter limiter, ILogger<CredentialsCheck> logger)
{
    public async Task<AuthAnswer> AskAsync(HttpContext context, Credentials credentials, CancellationToken cancellationToken)
    {
        using var attempt = limiter.Begin(context.Connection.RemoteIpAddress, credentials.Email);
        if (attempt.RetryAfter is { } wait)
        {
            logger.TooManyFailedSignIns(wait);
            return new AuthAnswer.Refused(AuthRefusal.TooManyAttempts, wait);
        }

        AuthAnswer answer;
        try
        {
            // Looked up here: a request that does not sign in needs no adapter, and none should fail for a broken one.
            var backend = context.RequestServices.GetRequiredService<IAuthBackend>();
            answer = await backend.SignInAsync(credentials, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever leaves before the answer does not guess for free: how long it takes may tell enough.
            attempt.Failed();
            throw;
        }
        catch (Exception failure)
        {
            answer = AuthAnswer.From(failure);
        }

        if (answer is AuthAnswer.Unavailable unavailable)
        {
            logger.BackendUnavailable(unavailable.Reason);
        }

        if (IsWrong(answer, credentials))
        {
            attempt.Failed();
        }

        return answer;
    }

    /// <summary>A one-time code that was not asked for yet is no wrong one.</summary>
    private static bool IsWrong(AuthAnswer answer, Credentials credentials) =>
        answer is AuthAnswer.Refused refused
        && (refused.Refusal is AuthRefusal.BadCredentials || (refused.Refusal is AuthRefusal.OtpRequired && credentials.Otp is not null));
}
