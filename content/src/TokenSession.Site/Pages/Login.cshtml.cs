using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using TokenSessionSite.Session;

namespace TokenSessionSite.Pages;

/// <summary>One form, also for the one-time code: password managers fill it twice, and the password never comes back in a page.</summary>
[RequestSizeLimit(BodyLimit.Longest)]
public sealed class LoginModel(SessionService sessions, IOptions<TokenSessionOptions> options) : PageModel
{
    [BindProperty]
    [Required(ErrorMessage = "Enter your e-mail address.")]
    [StringLength(Credentials.LongestEmail, ErrorMessage = "That is too long for an e-mail address.")]
    public string? Email { get; set; }

    [BindProperty]
    [Required(ErrorMessage = "Enter your password.")]
    [StringLength(Credentials.LongestPassword, ErrorMessage = "That is too long for a password.")]
    public string? Password { get; set; }

    [BindProperty]
    [StringLength(Credentials.LongestOtp, ErrorMessage = "That is too long for a one-time code.")]
    public string? Otp { get; set; }

    [BindProperty]
    public bool RememberMe { get; set; }

    [FromQuery(Name = ReturnUrl.Parameter)]
    public string? ReturnTo { get; set; }

    /// <summary>What is announced above the form.</summary>
    public string? Notice { get; private set; }

    /// <summary>Nothing is wrong; one more thing is needed.</summary>
    public bool IsQuestion { get; private set; }

    public bool AsksForOtp { get; private set; }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        AsksForOtp = Request.HasFormContentType && Request.Form.ContainsKey(nameof(Otp));
        if (!ModelState.IsValid)
        {
            return Again(StatusCodes.Status400BadRequest, "Something is missing or too long.");
        }

        var result = await sessions.SignInAsync(HttpContext, new(Email!.Trim(), Password!, Otp?.Trim(), RememberMe), cancellationToken);
        switch (result.Status)
        {
            case SignInStatus.SignedIn:
                return LocalRedirect(ReturnUrl.Local(ReturnTo, options.Value.HomePath));

            case SignInStatus.BadCredentials:
                ModelState.AddModelError(nameof(Password), "The e-mail or the password is wrong.");
                return Again(StatusCodes.Status401Unauthorized, "You are not signed in: the e-mail or the password is wrong.");

            case SignInStatus.OtpRequired:
                return AgainWithOtp();

            case SignInStatus.TooManyAttempts:
                return Later(StatusCodes.Status429TooManyRequests, "There were too many attempts.", result.RetryAfter);

            default:
                return Later(
                    StatusCodes.Status503ServiceUnavailable,
                    "The backend cannot be reached, so nobody can sign in.",
                    result.RetryAfter
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
        return Again(StatusCodes.Status401Unauthorized, "Your account asks for a one-time code. Enter your password again, and the code.");
    }

    private PageResult Later(int status, string notice, TimeSpan? retryAfter)
    {
        var wait = RetryAfterHeader.Format(retryAfter);
        Response.Headers.RetryAfter = wait;
        return Again(status, $"{notice} Try again in {(wait is "1" ? "a second" : $"{wait} seconds")}.");
    }

    private PageResult Again(int status, string notice)
    {
        Notice = notice;
        var page = Page();
        page.StatusCode = status;
        return page;
    }
}
