using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Login, refresh and logout for scripts, below <see cref="TokenSessionOptions.BasePath"/>. Errors are problem details (RFC 9457).</summary>
public static class SessionEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes, TokenSessionOptions options)
    {
        var group = routes
            .MapGroup(options.BasePath)
            .WithMetadata(new RefreshSessionAttribute(false), new RequestSizeLimitAttribute(BodyLimit.Longest))
            .ExcludeFromDescription();

        // A link of the old kind keeps working, and a prefetch does no harm: the page has the button.
        group.MapGet("/logout", () => TypedResults.Redirect(options.LogoutPath));

        var changes = group.MapGroup("").AddEndpointFilter<SameOriginFilter>();
        changes.MapPost("/login", LoginAsync);
        changes.MapPost("/refresh", RefreshAsync);
        changes.MapPost("/logout", LogoutAsync);
    }

    private static async Task<IResult> LoginAsync(
        HttpContext context,
        SessionService sessions,
        IOptions<TokenSessionOptions> options,
        TimeProvider time
    )
    {
        var (credentials, error) = await ReadCredentialsAsync(context.Request);
        if (credentials is null)
        {
            return error!;
        }

        var result = await sessions.SignInAsync(context, credentials, context.RequestAborted);
        return result.Status switch
        {
            SignInStatus.SignedIn => Times(context.GetTokenSession(), options.Value, time),
            SignInStatus.OtpRequired => Problem(401, "A one-time code is required, or the given one is wrong.", "otp_required"),
            SignInStatus.BadCredentials => Problem(401, "The e-mail or the password is wrong.", "bad_credentials"),
            SignInStatus.TooManyAttempts => Later(context, 429, "Too many attempts; try again later.", result.RetryAfter),
            _ => Later(context, 503, "The backend cannot be reached; try again in a moment.", result.RetryAfter),
        };
    }

    /// <summary>Ensures freshness, never forces: any number of tabs may ask.</summary>
    private static async Task<IResult> RefreshAsync(
        HttpContext context,
        SessionService sessions,
        IOptions<TokenSessionOptions> options,
        TimeProvider time
    )
    {
        var session = await sessions.EnsureFreshAsync(context, userIsActive: false);
        return session.State switch
        {
            SessionState.SignedIn => Times(session, options.Value, time),
            SessionState.SignedOut => Problem(401, "The session is over; sign in again.", "session_over"),
            _ => Later(context, 503, "The backend cannot be reached; the session is kept.", session.RetryAfter),
        };
    }

    private static async Task<IResult> LogoutAsync(HttpContext context, SessionService sessions)
    {
        await sessions.SignOutAsync(context);
        return TypedResults.NoContent();
    }

    /// <summary>How long, not until when: the client's clock may be hours off.</summary>
    private static IResult Times(CurrentSession session, TokenSessionOptions options, TimeProvider time)
    {
        var now = time.GetUtcNow();
        var tokens = session.Ticket!.Tokens;
        var refreshIn = session.RetryAfter ?? tokens.StaleAt(options.RefreshBefore) - now;
        return TypedResults.Ok(
            new
            {
                expiresIn = Math.Max(1, (int)(tokens.ExpiresAt - now).TotalSeconds),
                refreshIn = Math.Max(1, (int)Math.Ceiling(refreshIn.TotalSeconds)),
                endsIn = (int)(options.EndsUnattendedAt(session.Ticket) - now).TotalSeconds,
            }
        );
    }

    private static IResult Later(HttpContext context, int status, string detail, TimeSpan? retryAfter)
    {
        context.Response.Headers.RetryAfter = RetryAfterHeader.Format(retryAfter);
        return Problem(status, detail, status is 429 ? "too_many_attempts" : "backend_unavailable");
    }

    private static IResult Problem(int status, string detail, string code) =>
        TypedResults.Problem(detail, statusCode: status, extensions: new Dictionary<string, object?> { ["code"] = code });

    private static async Task<(Credentials?, IResult?)> ReadCredentialsAsync(HttpRequest request)
    {
        LoginBody? body = null;
        try
        {
            body = request.HasJsonContentType() ? await request.ReadFromJsonAsync<LoginBody>(request.HttpContext.RequestAborted) : null;
        }
        catch (Exception malformed) when (malformed is JsonException or BadHttpRequestException or InvalidOperationException)
        {
            // Told below, together with everything else that is no sign-in.
        }

        return body?.ToCredentials() is { } credentials
            ? (credentials, null)
            : (
                null,
                Problem(
                    400,
                    "Send JSON with \"email\" and \"password\", both non-empty and of reasonable length, and if need be "
                        + "\"otp\" (a string) and \"rememberMe\" (a boolean).",
                    "bad_request"
                )
            );
    }

    private sealed record LoginBody(string? Email, string? Password, string? Otp, bool RememberMe)
    {
        public Credentials? ToCredentials()
        {
            var otp = string.IsNullOrWhiteSpace(Otp) ? null : Otp.Trim();
            var credentials = new Credentials(Email?.Trim() ?? "", Password ?? "", otp, RememberMe);
            return credentials.IsReasonable ? credentials : null;
        }

        public override string ToString() => "a sign-in";
    }
}
