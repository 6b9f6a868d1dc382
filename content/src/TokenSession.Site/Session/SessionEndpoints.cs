using System.Text.Json;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Login, refresh and logout for scripts, below <see cref="TokenSessionOptions.BasePath"/>. Errors are problem details (RFC 9457).
/// </summary>
public static class SessionEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes, TokenSessionOptions options)
    {
        var group = routes
            .MapGroup(options.BasePath)
            .WithMetadata(new SessionEndpointAttribute { Refresh = false }, new CredentialsRequestAttribute())
            .AllowAnonymous()
            .ExcludeFromDescription();

        // A link to it keeps working, and a prefetch changes nothing: the page has the button.
        group.MapGet("/logout", (HttpContext context) => TypedResults.Redirect(SessionPages.Logout(context)));

        var changes = group.MapGroup("").AddEndpointFilter<SameOriginFilter>();
        changes.MapPost("/login", LoginAsync);
        changes.MapPost("/refresh", RefreshAsync);
        changes.MapPost("/logout", LogoutAsync);
    }

    private static async Task<IResult> LoginAsync(
        HttpContext context,
        SessionService sessions,
        IOptions<TokenSessionOptions> options,
        SessionClock clock
    )
    {
        if (await ReadCredentialsAsync(context.Request) is not { } credentials)
        {
            const string remedy =
                "Send JSON with \"email\" and \"password\", both non-empty and of reasonable length, and if necessary \"otp\" (a string) "
                + "and \"rememberMe\" (a boolean).";
            return Problem(400, remedy, "bad_request");
        }

        return await sessions.SignInAsync(context, credentials, context.RequestAborted) switch
        {
            AuthResult.Succeeded => ToTimings(context.GetTokenSession(), options.Value, clock),
            AuthResult.Rejected { Reason: RejectionReason.OtpRequired } => Problem(
                401,
                "A one-time code is required, or the given one is wrong.",
                "otp_required"
            ),
            AuthResult.Rejected { Reason: RejectionReason.TooManyAttempts, RetryAfter: var wait } => RetryLater(
                context,
                429,
                "Too many attempts; try again later.",
                wait
            ),
            AuthResult.Rejected => Problem(401, "The e-mail or the password is wrong.", "bad_credentials"),
            var result => RetryLater(
                context,
                503,
                "The backend cannot be reached; try again in a moment.",
                (result as AuthResult.Unavailable)?.RetryAfter
            ),
        };
    }

    /// <summary>Makes sure that the access token is fresh, and never forces a refresh: any number of tabs may call it.</summary>
    /// <param name="active">True if the user did something since the last page: then the idle limit counts from now.</param>
    private static async Task<IResult> RefreshAsync(
        HttpContext context,
        SessionService sessions,
        IOptions<TokenSessionOptions> options,
        SessionClock clock,
        string? active = null
    )
    {
        var session = await sessions.EnsureFreshAsync(context, isUserActive: active is "true");
        return session.State switch
        {
            SessionState.SignedIn => ToTimings(session, options.Value, clock),
            SessionState.SignedOut => Problem(401, "The session has ended; sign in again.", "session_over"),
            _ => RetryLater(context, 503, "The backend cannot be reached; the session is kept.", session.RetryAfter),
        };
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, SessionService sessions)
    {
        await sessions.SignOutAsync(context);
        return TypedResults.NoContent();
    }

    /// <summary>Durations in seconds instead of times: the client's clock may be wrong.</summary>
    private static IResult ToTimings(CurrentSession session, TokenSessionOptions options, SessionClock clock)
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

    private static IResult RetryLater(HttpContext context, int status, string detail, TimeSpan? retryAfter)
    {
        context.Response.SetRetryAfter(retryAfter);
        return Problem(status, detail, status is 429 ? "too_many_attempts" : "backend_unavailable");
    }

    private static IResult Problem(int status, string detail, string code) =>
        TypedResults.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });

    private static async Task<Credentials?> ReadCredentialsAsync(HttpRequest request)
    {
        try
        {
            var body = request.HasJsonContentType() ? await request.ReadFromJsonAsync<LoginBody>(request.HttpContext.RequestAborted) : null;
            return body?.ToCredentials() is { IsValid: true } credentials ? credentials : null;
        }
        catch (Exception malformed) when (malformed is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed record LoginBody(string? Email, string? Password, string? Otp, bool RememberMe)
    {
        public Credentials ToCredentials() =>
            new(Email?.Trim() ?? "", Password ?? "", string.IsNullOrWhiteSpace(Otp) ? null : Otp.Trim(), RememberMe);

        /// <summary>Contains no password.</summary>
        public override string ToString() => "credentials";
    }
}
