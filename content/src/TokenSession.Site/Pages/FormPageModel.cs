using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages;

/// <summary>A page with one form, which is shown again with a notice if it cannot be accepted.</summary>
public abstract class FormPageModel : PageModel
{
    /// <summary>The message in the form. Screen readers announce it.</summary>
    public string? Notice { get; protected set; }

    /// <summary>True if the notice is not an error.</summary>
    public bool IsQuestion { get; protected set; }

    /// <summary>Whether the form was refused because of this field.</summary>
    public bool IsWrong(string field) => ModelState[field]?.Errors.Count > 0;

    /// <param name="status">The status of the response.</param>
    /// <param name="notice">The notice; by default, the errors of the fields.</param>
    protected PageResult Again(int status, string? notice = null)
    {
        var errors = ModelState.Values.SelectMany(field => field.Errors).Select(error => error.ErrorMessage);
        Notice = notice ?? (ModelState.IsValid ? null : string.Join(" ", errors));
        var page = Page();
        page.StatusCode = status;
        return page;
    }

    protected PageResult Wait(string reason, TimeSpan? retryAfter)
    {
        if (retryAfter is { } wait)
        {
            Response.SetRetryAfter(wait);
        }

        return Again(StatusCodes.Status429TooManyRequests, $"{reason} Try again {InWords(retryAfter)}.");
    }

    /// <param name="consequence">What the user cannot do, such as "you cannot sign in now".</param>
    /// <param name="retryAfter">When the backend may answer again.</param>
    protected PageResult Later(string consequence, TimeSpan? retryAfter)
    {
        var wait = TimeSpan.FromSeconds(Response.SetRetryAfter(retryAfter));
        return Again(
            StatusCodes.Status503ServiceUnavailable,
            $"The backend cannot be reached, so {consequence}. Try again {InWords(wait)}."
        );
    }

    private static string InWords(TimeSpan? wait) =>
        wait switch
        {
            null => "later",
            { TotalSeconds: <= 1 } => "in a second",
            { TotalSeconds: <= 90 } => $"in {Math.Ceiling(wait.Value.TotalSeconds)} seconds",
            _ => $"in {Math.Ceiling(wait.Value.TotalMinutes)} minutes",
        };
}
