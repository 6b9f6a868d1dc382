using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using TokenSessionSite.Session;
//#if (account)
using TokenSessionSite.Session.Account;
//#endif
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Pages;

/// <summary>The login page. The first step asks for the e-mail address and the password. The second step, for an account with a second
/// factor, asks only for the code.</summary>
[AllowAnonymous, CredentialsRequest, PlainFormFields]
public sealed class LoginModel(
    SessionService sessions,
    SessionCookies cookies,
    PendingSignIn pending,
    KeptFormCookie keptForm,
    //#if (account)
    AccountNotices accountNotices,
    //#endif
    IAuthBackend backend
) : FormPageModel
{
    private const string TooLong = "The code is too long.";

    [BindProperty]
    [Required(ErrorMessage = "Enter your e-mail address.")]
    [StringLength(Credentials.MaxEmailLength, ErrorMessage = "The e-mail address is too long.")]
    public string? Email { get; set; }

    [BindProperty]
    [Required(ErrorMessage = "Enter your password.")]
    [StringLength(Credentials.MaxPasswordLength, ErrorMessage = "The password is too long.")]
    public string? Password { get; set; }

    [BindProperty, StringLength(Credentials.MaxCodeLength, ErrorMessage = TooLong)]
    public string? Otp { get; set; }

    [BindProperty, StringLength(Credentials.MaxCodeLength, ErrorMessage = TooLong)]
    public string? RecoveryCode { get; set; }

    [BindProperty]
    public bool RememberMe { get; set; }

    [FromQuery(Name = ReturnUrl.Parameter)]
    public string? ReturnTo { get; set; }

    /// <summary>True if a form of another page was not sent because the session had ended.</summary>
    [FromQuery(Name = SessionChallenge.FormNotSent)]
    public bool FormNotSent { get; set; }

    /// <summary>Why the session of this user has ended (<see cref="SessionEndReason"/>).</summary>
    [FromQuery(Name = SessionEndReasonExtensions.Parameter)]
    public string? Reason { get; set; }

    /// <summary>True for the second step, which asks for the code only.</summary>
    public bool AsksForCode { get; private set; }

    public bool AcceptsRecoveryCodes => backend.Traits.AcceptsRecoveryCodes;

    public void OnGet()
    {
        // OnPostAsync checks whether the browser accepts it.
        if (SessionCookies.AreMissing(Request))
        {
            cookies.SetProbe(HttpContext);
        }

        IsQuestion = true;
        Notice = FormNotSent
            ? "Your session had ended, so your form was not sent. Sign in, then "
                + (keptForm.Read(HttpContext) is null ? "fill it in again." : "send it: your text is kept.")
            : ReasonInWords();
        //#if (account)
        if (!FormNotSent && accountNotices.Take(HttpContext, AccountNotices.Login) is { } notice)
        {
            (Notice, Email) = (notice.Text, notice.Email);

            // The cookie of the notice may be the only one of this browser, and it is deleted now.
            cookies.SetProbe(HttpContext);
        }
        //#endif
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellationToken)
    {
        if (SessionCookies.AreMissing(Request))
        {
            cookies.SetProbe(HttpContext);
            return Again(
                StatusCodes.Status400BadRequest,
                "This site needs cookies, and your browser did not send any. Allow cookies for this site, then sign in."
            );
        }

        AsksForCode = Request.HasFormContentType && Request.Form.ContainsKey(nameof(Otp));
        if (AsksForCode)
        {
            return await OnPostCodeAsync(cancellationToken);
        }

        return ModelState.IsValid
            ? await SignInAsync(Credentials.From(Email, Password, RememberMe), cancellationToken)
            : Again(StatusCodes.Status400BadRequest);
    }

    /// <summary>The form of the second step has the e-mail address, so that a code is not sent for the account of another tab.</summary>
    private async Task<IActionResult> OnPostCodeAsync(CancellationToken cancellationToken)
    {
        ModelState.Remove(nameof(Password));
        if (pending.Read(HttpContext) is not { } first || first.Email != Email)
        {
            return StartAgain();
        }

        var credentials = first.With(Otp, RecoveryCode);
        if (!credentials.HasCode)
        {
            ModelState.AddModelError(nameof(Otp), "Enter the code.");
        }

        return ModelState.IsValid ? await SignInAsync(credentials, cancellationToken) : Again(StatusCodes.Status400BadRequest);
    }

    private async Task<IActionResult> SignInAsync(Credentials credentials, CancellationToken cancellationToken) =>
        await sessions.SignInAsync(HttpContext, credentials, cancellationToken) switch
        {
            AuthResult.Succeeded => LocalRedirect(SessionPages.AfterSignIn(HttpContext)),
            AuthResult.Rejected rejected => Refuse(rejected, credentials),
            AuthResult.Unrecognized => Again(
                StatusCodes.Status502BadGateway,
                "You cannot sign in now because of an error of this site. Your e-mail address and your password may be correct."
            ),
            var result => Later("you cannot sign in now", (result as AuthResult.Unavailable)?.RetryAfter),
        };

    private PageResult Refuse(AuthResult.Rejected rejected, Credentials credentials)
    {
        switch (rejected.Reason)
        {
            case RejectionReason.OtpRequired when !AsksForCode:
                AsksForCode = true;
                return Again(StatusCodes.Status401Unauthorized);

            // The token of the first step has expired at the backend.
            case RejectionReason.InvalidCredentials when credentials.MfaToken is not null:
                return StartAgain();

            // The password was right in the first step.
            case RejectionReason.OtpRequired
            or RejectionReason.InvalidCredentialsOrOtp
            or RejectionReason.InvalidCredentials when AsksForCode:
                ModelState.AddModelError(
                    credentials.Otp is null ? nameof(RecoveryCode) : nameof(Otp),
                    "This code is wrong or no longer valid."
                );
                return Again(StatusCodes.Status401Unauthorized);

            case RejectionReason.TooManyAttempts:
                return Wait("There were too many attempts.", rejected.RetryAfter);

            case RejectionReason.LockedOut:
                return Wait("Your account is locked, because too many attempts failed.", rejected.RetryAfter);

            case RejectionReason.NotAllowed:
                return Again(
                    StatusCodes.Status403Forbidden,
                    "Your account may not sign in. If it is new, confirm your e-mail address first. Otherwise, it may be blocked."
                );

            default:
                ModelState.AddModelError(nameof(Password), "The e-mail address or the password is wrong.");
                return Again(StatusCodes.Status401Unauthorized);
        }
    }

    private PageResult StartAgain()
    {
        AsksForCode = false;
        return Again(StatusCodes.Status401Unauthorized, "The code came too late. Enter your e-mail address and your password again.");
    }

    private string? ReasonInWords() =>
        Reason switch
        {
            "ended" => "Your session has ended. Sign in again.",
            "idle" => "You were signed out because you were inactive. Sign in again.",
            "limit" => "Your session has reached its time limit. Sign in again.",
            "refused" => "The server did not accept your session any more, so you were signed out. Sign in again.",
            "signed_out" => "You are signed out. Sign in again.",
            _ => null,
        };
}
