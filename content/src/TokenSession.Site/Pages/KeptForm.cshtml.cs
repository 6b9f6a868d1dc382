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

    /// <summary>The form. If it can be sent, its address is that of this page, which passes it on.</summary>
    public KeptForm? Form { get; private set; }

    private string Destination => ReturnUrl.Local(ReturnTo, SessionPages.Home(HttpContext));

    public IActionResult OnGet()
    {
        if (keptForm.Read(HttpContext) is not { } form)
        {
            return LocalRedirect(Destination);
        }

        // The address comes from the encrypted cookie, and not from the link that opened this page.
        Form = form.CanBeSent ? form with { Address = Url.Page("/KeptForm", new { returnTo = form.Address })! } : form;
        return Page();
    }

    /// <summary>With the status code 307, the browser sends the same fields to the address of the form.</summary>
    public IActionResult OnPost()
    {
        keptForm.Delete(HttpContext);
        return LocalRedirectPreserveMethod(Destination);
    }
}
