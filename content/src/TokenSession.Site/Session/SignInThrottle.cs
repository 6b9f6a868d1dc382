using System.Net;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Limits failed sign-ins (<see cref="AttemptLimits"/>). Successful sign-ins do not count.</summary>
public sealed class SignInThrottle(IAttemptCounter counter, IOptions<TokenSessionOptions> options, ILogger<SignInThrottle> logger)
{
    private readonly AttemptLimits limits = new(
        counter,
        "sign-in",
        options.Value.FailedSignInsPerClient,
        options.Value.FailedSignInsPerAccount,
        options.Value.FailedSignInsPerAddress,
        options.Value.FailedSignInPeriod
    );

    /// <summary>Runs a sign-in, unless too many sign-ins failed.</summary>
    public Task<AuthResult> RunAsync(IPAddress? client, Credentials credentials, Func<Task<AuthResult>> signIn) =>
        limits.RunAsync(
            client,
            credentials.Email,
            signIn,
            result => HasFailed((result as AuthResult.Rejected)?.Reason, credentials),
            wait =>
            {
                logger.TooManyFailedSignIns(wait);
                return new AuthResult.Rejected(RejectionReason.TooManyAttempts, wait);
            }
        );

    /// <summary>A missing one-time code is not a failure, because the site asks for it. An answer that the adapter does not recognize is an
    /// error of the site.</summary>
    private static bool HasFailed(RejectionReason? reason, Credentials credentials) =>
        reason is not (null or RejectionReason.TooManyAttempts) && (reason is not RejectionReason.OtpRequired || credentials.HasCode);
}
