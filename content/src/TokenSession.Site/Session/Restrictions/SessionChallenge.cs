namespace TokenSessionSite.Session.Restrictions;

/// <summary>Answers a request that the session does not allow, for <c>[Authorize]</c>, policies and page filters alike: a page for a person,
/// problem details (RFC 9457) for a script.</summary>
internal static class SessionChallenge
{
    /// <summary>The query parameter that tells the login page that a form was not sent.</summary>
    public const string FormNotSent = "formNotSent";

    /// <summary>The query parameter that tells the login page that the backend refused the session.</summary>
    public const string RefusedByBackend = "refusedByBackend";

    /// <summary>Unknown session: 503 and "try again". Signed out: the login page, or 401 for a script.</summary>
    public static Task ChallengeAsync(HttpContext context)
    {
        var session = context.GetTokenSession();
        if (session.State is SessionState.Unknown)
        {
            context.Response.SetRetryAfter(session.RetryAfter);
            return RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The session cannot be checked now. Try again.");
        }

        if (!context.WantsPage())
        {
            return RefuseAsync(context, StatusCodes.Status401Unauthorized, "Sign in first.");
        }

        var isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        var query = new QueryString();
        if (ReturnUrl.Of(context.Request) is { } here && here != SessionPages.Home(context))
        {
            query = query.Add(ReturnUrl.Parameter, here);
        }

        if (!isRead)
        {
            query = query.Add(FormNotSent, "true");
        }

        if (session.IsRefusedByBackend)
        {
            query = query.Add(RefusedByBackend, "true");
        }

        context.Response.Redirect(SessionPages.Login(context) + query);
        return Task.CompletedTask;
    }

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
