namespace TokenSessionSite.Session.Restrictions;

/// <summary>Answers a request that the session does not allow, for <c>[Authorize]</c>, policies and page filters. A person gets a page, and
/// a script gets problem details (RFC 9457).</summary>
internal static class SessionChallenge
{
    /// <summary>The query parameter that tells the login page that a form was not sent.</summary>
    public const string FormNotSent = "formNotSent";

    /// <summary>Unknown session: 503 and "try again". Signed out: the login page, or 401 for a script.</summary>
    public static async Task ChallengeAsync(HttpContext context)
    {
        var session = context.GetTokenSession();
        if (session.State is SessionState.Unknown)
        {
            context.Response.SetRetryAfter(session.RetryAfter);
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The session cannot be checked now. Try again.");
            return;
        }

        var here = ReturnUrl.Of(context.Request);
        if (!context.WantsPage() || !await IsFormKeptAsync(context, here))
        {
            // The error page shows the form.
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "Sign in first.");
            return;
        }

        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        var query = new QueryString();
        if (here is not null && here != SessionPages.Home(context))
        {
            query = query.Add(ReturnUrl.Parameter, here);
        }

        if (!isRead)
        {
            query = query.Add(FormNotSent, "true");
        }

        if (session.EndReason is { } reason)
        {
            query = query.Add(SessionEndReasonExtensions.Parameter, reason.ToText());
        }

        context.Response.Redirect(SessionPages.Login(context) + query);
    }

    /// <summary>Keeps the form of the request. Returns false if the form is too long for the cookie, or if the cookie has the form of
    /// another tab.</summary>
    private static async Task<bool> IsFormKeptAsync(HttpContext context, string? address) =>
        await KeptForm.ReadAsync(context, address) is not { } form
        || context.RequestServices.GetRequiredService<KeptFormCookie>().Write(context, form);

    /// <summary>403: the user is signed in and may not do this.</summary>
    public static Task ForbidAsync(HttpContext context) =>
        RefuseAsync(context, StatusCodes.Status403Forbidden, "This user is not allowed to do this.");

    private static Task RefuseAsync(HttpContext context, int status, string detail)
    {
        if (!context.WantsPage())
        {
            return TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
        }

        // The body is the error page (UseStatusCodePagesWithReExecute).
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }
}
