namespace TokenSessionSite.Session;

/// <summary>Refuses a request of a script if its page belongs to another user than the session, because another tab has signed in. The
/// script names the user of its page in a header.</summary>
public sealed class SameUserFilter : IEndpointFilter
{
    private const string Header = "X-Session-User";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (page, current) = (context.HttpContext.Request.Headers[Header].ToString(), context.HttpContext.GetTokenSession().UserHash);
        return page is "" || current is "" || page == current
            ? next(context)
            : ValueTask.FromResult<object?>(
                TypedResults.Problem(
                    "Another user has signed in since this page was opened.",
                    statusCode: StatusCodes.Status409Conflict,
                    extensions: [KeyValuePair.Create<string, object?>("code", "other_user")]
                )
            );
    }
}
