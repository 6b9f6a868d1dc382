using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Pages;

/// <summary>The login page. The same form asks for the one-time code: password managers fill in the password again, so no page contains it.
/// </summary>
[AllowAnonymous, CredentialsRequest, PlainFormFields]
public sealed class LoginModel(SessionService sessions) : PageModel
{
    [BindProperty]
    [Required(ErrorMessage = "Enter your e-mail address.")]
    [StringLength(Credentials.MaxEmailLength, ErrorMessage = "The e-mail address is too long.")]
    public string? Email { get; set; }

    [BindProperty]
    [Required(ErrorMessage = "Enter your password.")]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = "The password is too long.")]
    public string? Password { get; set; }

    [BindProperty]
    [StringLength(Credentials.MaxOtpLength, ErrorMessage = "The one-time code is too long.")]
    public string? Otp { get; set; }

    [BindProperty]
    public bool RememberMe { get; set; }

    [FromQuery(Name = ReturnUrl.Parameter)]
    public string? ReturnTo { get; set; }

    /// <summary>True if a form of another page was not sent because the session had ended.</summary>
    [FromQuery(Name = SessionChallenge.FormNotSent)]
    public bool FormNotSent { get; set; }

    /// <summary>The message above the form. Screen readers announce it.</summary>
    public string? Notice { get; private set; }

    /// <summary>True if the notice is not an error.</summary>
    public bool IsQuestion { get; private set; }

    public bool AsksForOtp { get; private set; }

    public void OnGet()
    {
        if (FormNotSent)
        {
            (Notice, IsQuestion) = ("Your session had ended, so your form was not sent. Sign in, then fill it in again.", true);
        }
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        AsksForOtp = Request.HasFormContentType && Request.Form.ContainsKey(nameof(Otp));
        if (!ModelState.IsValid)
        {
            return Again(StatusCodes.Status400BadRequest, "A field is empty or too long.");
        }

        switch (await sessions.SignInAsync(HttpContext, Credentials.From(Email, Password, Otp, RememberMe), cancellationToken))
        {
            case AuthResult.Succeeded:
                return LocalRedirect(ReturnUrl.Local(ReturnTo, SessionPages.Home(HttpContext)));

            case AuthResult.Rejected { Reason: RejectionReason.OtpRequired }:
                return AgainWithOtp();

            case AuthResult.Rejected { Reason: RejectionReason.TooManyAttempts, RetryAfter: var wait }:
                return Later(StatusCodes.Status429TooManyRequests, "There were too many attempts.", wait);

            case AuthResult.Rejected:
                ModelState.AddModelError(nameof(Password), "The e-mail or the password is wrong.");
                return Again(StatusCodes.Status401Unauthorized, "You are not signed in: the e-mail or the password is wrong.");

            case var result:
                return Later(
                    StatusCodes.Status503ServiceUnavailable,
                    "The backend cannot be reached, so you cannot sign in now.",
                    (result as AuthResult.Unavailable)?.RetryAfter
                );
        }
    }

    private PageResult AgainWithOtp()
    {
        IsQuestion = !AsksForOtp;
        if (AsksForOtp)
        {
            ModelState.AddModelError(nameof(Otp), "This code is wrong or no longer valid.");
        }

        AsksForOtp = true;
        return Again(StatusCodes.Status401Unauthorized, "Your account requires a one-time code. Enter your password again, and the code.");
    }

    private PageResult Later(int status, string notice, TimeSpan? retryAfter)
    {
        var wait = Response.SetRetryAfter(retryAfter);
        return Again(status, $"{notice} Try again in {(wait is 1 ? "a second" : $"{wait} seconds")}.");
    }

    private PageResult Again(int status, string notice)
    {
        Notice = notice;
        var page = Page();
        page.StatusCode = status;
        return page;
    }
}
