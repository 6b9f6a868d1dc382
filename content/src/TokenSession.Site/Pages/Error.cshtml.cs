using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.WebUtilities;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages;

/// <summary>The error page. It says what the user can do and contains no details of the error. Scripts get problem details (RFC
/// 9457).</summary>
[AllowAnonymous, SessionEndpoint(Refresh = false), IgnoreAntiforgeryToken]
public sealed class ErrorModel : PageModel
{
    public int Status { get; private set; }

    public string Title { get; private set; } = "";

    public string Explanation { get; private set; } = "";

    /// <summary>The address of the page that failed, if it may work later.</summary>
    public string? TryAgain { get; private set; }

    /// <summary>Seconds until scripts try again: those of the response, but at least 5, so that the user can read the page. Null: they do
    /// not try again.</summary>
    public int? RetryIn => int.TryParse(Response.Headers.RetryAfter, out var seconds) ? Math.Max(seconds, 5) : null;

    /// <summary>The form that the request sent, if it can be sent again or if its text should not be lost.</summary>
    public KeptForm? Form { get; private set; }

    /// <summary>Runs for all HTTP methods, because the request that failed may have used any of them.</summary>
    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (Response.StatusCode is StatusCodes.Status200OK)
        {
            // No request failed: the user opened the address of this page.
            Response.StatusCode = StatusCodes.Status404NotFound;
        }

        Status = Response.StatusCode;
        if (!HttpContext.WantsPage())
        {
            context.Result = new ObjectResult(new ProblemDetails { Status = Status, Title = ReasonPhrases.GetReasonPhrase(Status) })
            {
                StatusCode = Status,
                ContentTypes = { "application/problem+json" },
            };
            return;
        }

        var session = HttpContext.GetTokenSession();
        var isGuest = session.State is SessionState.SignedOut;
        Form = Status is 400 or 401 or 429 or >= 500 ? await ReadFormAsync(session) : null;
        (Title, Explanation) = Status switch
        {
            400 when session.FormRefusal is FormRefusal.CrossSite => ("That did not work", "The form came from a page of another site."),
            400 when session.FormRefusal is FormRefusal.OtherUser => (
                "Another user has signed in",
                "You opened this page as another user, so the form was not sent."
            ),
            400 when session.FormRefusal is FormRefusal.Outdated => (
                "Your form was not sent",
                "The page was open for too long, or your browser blocks the cookies of this site. Go back, reload it and try again."
            ),
            400 => ("That did not work", "The site does not understand what your browser sent."),
            401 when Form is null => ("Sign in first", "Only signed-in users can do this."),
            401 => ("Your session has ended", "Your form was not sent. Sign in in a new tab, then send it from this page."),
            403 => ("Not allowed", "You do not have permission for this."),
            404 => ("Page not found", "There is no page at this address."),
            408 => ("That took too long", "The data arrived too slowly. Try again."),
            413 => ("Too much data", "The data is longer than this page accepts."),
            429 => ("Too many requests", "Wait a moment, then try again."),
            502 or 503 or 504 when isGuest => ("Try again in a moment", "The backend cannot be reached now."),
            502 or 503 or 504 => ("Try again in a moment", "The backend cannot be reached now. You are still signed in."),
            >= 500 => ("Something went wrong", "This is an error of the site. It has been logged."),
            _ => ("That did not work", "The request could not be answered."),
        };
        if (Status is 429 or >= 500 && HttpMethods.IsGet(Request.Method))
        {
            TryAgain = FailedAddress();
        }
        else if (Form is null && HttpMethods.IsPost(Request.Method))
        {
            Explanation += " Go back to return to your form.";
        }

        await next();
    }

    private async Task<KeptForm?> ReadFormAsync(CurrentSession session)
    {
        var form = await KeptForm.ReadAsync(HttpContext, FailedAddress());

        // The user can copy the text, but the form must not be sent for another user.
        return session.FormRefusal is FormRefusal.OtherUser && form is not null ? form with { CanBeSent = false } : form;
    }

    private string? FailedAddress()
    {
        var address =
            HttpContext.Features.Get<IStatusCodeReExecuteFeature>() is { } failed
                ? new PathString(failed.OriginalPathBase).ToUriComponent()
                    + new PathString(failed.OriginalPath).ToUriComponent()
                    + failed.OriginalQueryString
            : HttpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path is { } path
                ? Request.PathBase.ToUriComponent() + new PathString(path).ToUriComponent() + Request.QueryString
            : null;
        return ReturnUrl.Local(address, otherwise: "") is { Length: > 0 } local ? local : null;
    }
}
