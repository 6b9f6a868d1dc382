using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Pages;

/// <summary>After a sign-in, shows the form that was posted after the end of the previous session, with a button to send it.</summary>
[RequireSession]
public sealed class KeptFormModel(KeptFormCookie keptForm) : PageModel
{
    [FromQuery(Name = ReturnUrl.Parameter)]
    public string? ReturnTo { get; set; }

    /// <summary>The form. Its address is the one of this page.</summary>
    public KeptForm? Form { get; private set; }

    public IActionResult OnGet()
    {
        if (keptForm.Read(HttpContext) is not { } form)
        {
            return Leave();
        }

        Form = form.CanBeSent ? form with { Address = Request.PathBase + Request.Path + Request.QueryString } : form;
        return Page();
    }

    /// <summary>With the status code 307, the browser sends the same fields to the address of the form.</summary>
    public IActionResult OnPost()
    {
        var form = keptForm.Read(HttpContext);
        keptForm.Delete(HttpContext);
        return form is null ? Leave() : LocalRedirectPreserveMethod(form.Address);
    }

    private LocalRedirectResult Leave() => LocalRedirect(ReturnUrl.Local(ReturnTo, SessionPages.Home(HttpContext)));
}
