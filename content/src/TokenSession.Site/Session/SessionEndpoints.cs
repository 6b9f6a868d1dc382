using System.Text.Json;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Login, refresh and logout for scripts, below <see cref="TokenSessionOptions.BasePath"/>. Errors are problem details (RFC 9457).
/// </summary>
public static class SessionEndpoints
{
    private const string Remedy =
        "Send JSON with the strings \"email\" (up to 254 characters) and \"password\" (up to 4,096), and if necessary \"otp\" or "
        + "\"recoveryCode\" (strings) and \"rememberMe\" (a boolean). If a call without a code got \"otp_required\", the code alone is "
        + "enough for 5 minutes.";

    internal static void Map(IEndpointRouteBuilder routes, TokenSessionOptions options)
    {
        var group = routes
            .MapGroup(options.BasePath)
            .WithMetadata(new SessionEndpointAttribute { Refresh = false }, new CredentialsRequestAttribute())
            .AllowAnonymous()
            .ExcludeFromDescription();

        // A GET only leads to the page with the sign-out button, so a prefetch signs no user out.
        group.MapGet("/logout", (HttpContext context) => TypedResults.Redirect(SessionPages.Logout(context)));

        var changes = group.MapGroup("").AddEndpointFilter<SameOriginFilter>();
        changes.MapPost("/login", LoginAsync);
        changes.MapPost("/refresh", RefreshAsync).AddEndpointFilter<SameUserFilter>();
        changes.MapPost("/logout", LogoutAsync).AddEndpointFilter<SameUserFilter>();
    }

    private static async Task<IResult> LoginAsync(
        HttpContext context,
        SessionService sessions,
        PendingSignIn pending,
        IOptions<TokenSessionOptions> options,
        SessionClock clock
    )
    {
        if (await ReadCredentialsAsync(context, pending) is not { } credentials)
        {
            return Problem(400, "bad_request", Remedy);
        }

        switch (await sessions.SignInAsync(context, credentials, context.RequestAborted))
        {
            case AuthResult.Succeeded:
                return Timings(context.GetTokenSession(), options.Value, clock);

            case AuthResult.Rejected rejected:
                if (rejected.RetryAfter is { } wait)
                {
                    context.Response.SetRetryAfter(wait);
                }

                var (status, code, detail) = rejected.Reason switch
                {
                    RejectionReason.OtpRequired => (401, "otp_required", "A one-time code is required, or the code is wrong."),
                    RejectionReason.InvalidCredentialsOrOtp => (
                        401,
                        "bad_credentials",
                        "The e-mail address, the password or the code is wrong."
                    ),
                    RejectionReason.LockedOut => (429, "locked_out", "The account is locked after failed attempts; try again later."),
                    RejectionReason.NotAllowed => (
                        403,
                        "not_allowed",
                        "The account may not sign in: it is blocked, or its e-mail address is not confirmed."
                    ),
                    RejectionReason.TooManyAttempts => (429, "too_many_attempts", "Too many attempts; try again later."),
                    _ => (401, "bad_credentials", "The e-mail address or the password is wrong."),
                };
                return Problem(status, code, detail);

            case AuthResult.Unrecognized:
                return Problem(
                    502,
                    "backend_error",
                    "The backend refused the sign-in, but not because of the credentials. Its answer is in the log."
                );

            case var result:
                context.Response.SetRetryAfter((result as AuthResult.Unavailable)?.RetryAfter);
                return Problem(503, "backend_unavailable", "The backend cannot be reached; try again in a moment.");
        }
    }

    /// <summary>Ensures that the access token is fresh. It never forces a refresh, so any number of tabs can call it.</summary>
    /// <param name="active"><c>true</c> if the user has been active since the last page. The idle limit then counts from now.</param>
    private static async Task<IResult> RefreshAsync(
        HttpContext context,
        SessionService sessions,
        IOptions<TokenSessionOptions> options,
        SessionClock clock,
        string? active = null
    )
    {
        var session = await sessions.EnsureFreshAsync(context, isUserActive: active is "true");
        switch (session.State)
        {
            case SessionState.SignedIn:
                return Timings(session, options.Value, clock);

            case SessionState.SignedOut:
                return Problem(401, "session_over", "The session has ended; sign in again.", session.EndReason?.ToText());

            default:
                context.Response.SetRetryAfter(session.RetryAfter);
                return Problem(503, "backend_unavailable", "The backend cannot be reached; the session is kept.");
        }
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, SessionService sessions)
    {
        await sessions.SignOutAsync(context);
        return TypedResults.NoContent();
    }

    /// <summary>Returns durations in seconds instead of times, because the clock of the client may be wrong.</summary>
    private static IResult Timings(CurrentSession session, TokenSessionOptions options, SessionClock clock)
    {
        var (now, ticket) = (clock.GetUtcNow(), session.Ticket!);
        var refreshIn = session.RetryAfter ?? ticket.Tokens.RefreshAt(options.RefreshBeforeExpiration) - now;
        return TypedResults.Ok(
            new
            {
                expiresIn = Math.Max(1, (int)(ticket.Tokens.ExpiresAt - now).TotalSeconds),
                refreshIn = Math.Max(1, (int)Math.Ceiling(refreshIn.TotalSeconds)),
                endsIn = (int)(options.ExpiryOf(ticket) - now).TotalSeconds,
            }
        );
    }

    private static IResult Problem(int status, string code, string detail, string? reason = null)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = code };
        if (reason is not null)
        {
            extensions[SessionEndReasonExtensions.Parameter] = reason;
        }

        return TypedResults.Problem(detail, statusCode: status, extensions: extensions);
    }

    private static async Task<Credentials?> ReadCredentialsAsync(HttpContext context, PendingSignIn pending)
    {
        try
        {
            var body = context.Request.HasJsonContentType()
                ? await context.Request.ReadFromJsonAsync<Credentials>(context.RequestAborted)
                : null;
            var isCodeOnly = body is { Email: null or "", Password: null or "" };
            var first =
                body is null ? null
                : isCodeOnly ? pending.Read(context)
                : Credentials.From(body.Email, body.Password, body.RememberMe);
            var credentials = first?.With(body!.Otp, body.RecoveryCode);
            return credentials is { IsValid: true } && (!isCodeOnly || credentials.HasCode) ? credentials : null;
        }
        catch (Exception malformed) when (malformed is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            return null;
        }
    }
}
