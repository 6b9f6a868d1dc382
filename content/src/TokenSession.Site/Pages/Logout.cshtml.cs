using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages;

/// <summary>Signs out by POST only: a link or a prefetch to this page changes nothing.</summary>
[RefreshSession(false)]
public sealed class LogoutModel(SessionService sessions) : PageModel
{
    public async Task<IActionResult> OnPostAsync()
    {
        await sessions.SignOutAsync(HttpContext);
        return LocalRedirect("~/");
    }
}
