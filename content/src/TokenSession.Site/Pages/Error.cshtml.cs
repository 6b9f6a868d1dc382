using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Redis;

namespace TokenSessionSite.Pages;

/// <summary>What went wrong, in the site's own dress and in plain words; never what happened inside.</summary>
[RefreshSession(false), IgnoreAntiforgeryToken]
public sealed class ErrorModel : PageModel
{
    public int Status { get; private set; }

    public string Title { get; private set; } = "";

    public string Explanation { get; private set; } = "";

    /// <summary>The page that failed, when asking for it again may help.</summary>
    public string? TryAgain { get; private set; }

    /// <summary>For every method: the request that failed may have been any.</summary>
    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (Response.StatusCode is StatusCodes.Status200OK)
        {
            // Nothing failed: somebody typed the address of this page.
            Response.StatusCode = StatusCodes.Status404NotFound;
        }

        Status = Response.StatusCode;
        (Title, Explanation) = Status switch
        {
            400 => ("That did not work", "The page was probably open for too long. Go back, reload it and send it again."),
            403 => ("Not allowed", "You may not see or do this."),
            404 => ("Page not found", "There is nothing at this address."),
            408 => ("That took too long", "What was sent came too slowly. Try it again."),
            413 => ("Too much at once", "What was sent is longer than this page takes."),
            429 => ("Too many requests", "Wait a moment, then try again."),
            503 when HttpContext.RequestServices.GetService<NotReadyYet>() is { IsShut: true } => (
                "Try again in a moment",
                "This server has just started and waits for Redis, where the keys of the sessions are. You have not been signed out, and nothing is lost."
            ),
            503 => ("Try again in a moment", "The backend cannot be reached just now. You have not been signed out, and nothing is lost."),
            >= 500 => ("Something went wrong", "The fault is on our side, and it has been noted."),
            _ => ("That did not work", "The request could not be answered."),
        };
        TryAgain = Status is 429 or >= 500 ? FailedAddress() : null;
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
        return address is null ? null : ReturnUrl.Local(address, "/");
    }
}
