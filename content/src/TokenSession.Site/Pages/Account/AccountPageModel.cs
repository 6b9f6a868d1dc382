using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Pages.Account;

/// <summary>A page for a task of an account. Its text does not depend on whether an address has an account.</summary>
public abstract class AccountPageModel : FormPageModel
{
    public const string EmailRequired = "Enter your e-mail address.",
        EmailTooLong = "The e-mail address is too long.",
        PasswordRequired = "Enter your password.",
        NewPasswordRequired = "Enter the new password.",
        PasswordTooLong = "The password is too long.",
        CodeTooLong = "The code is too long.";

    protected AccountNotices Notices => HttpContext.RequestServices.GetRequiredService<AccountNotices>();

    /// <summary>The tasks that the backend offers.</summary>
    protected AccountTraits Traits => HttpContext.RequestServices.GetRequiredService<IAccountBackend>().Traits;

    /// <summary>False for a page whose task the backend does not offer: the answer is then 404. Default true.</summary>
    protected virtual bool Exists => true;

    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (!Exists)
        {
            context.Result = NotFound();
        }
    }

    /// <summary>Shows the form again, with the reason why the task is not done.</summary>
    /// <param name="result">What the backend answered.</param>
    /// <param name="consequence">What does not happen, such as "your password is not changed".</param>
    protected IActionResult Refuse(AccountResult result, string consequence)
    {
        switch (result)
        {
            case AccountResult.Refused refused:
                ModelState.AddModelError(refused.Field.ToString(), refused.Reason ?? InWords(refused.Field));
                return Again(StatusCodes.Status400BadRequest);
            case AccountResult.TooManyAttempts { RetryAfter: var wait }:
                return Wait("There were too many attempts.", wait);
            case AccountResult.Unavailable { OutcomeUnknown: true }:
                return Again(
                    StatusCodes.Status503ServiceUnavailable,
                    "The backend did not answer in time. It may have done what you requested. Check before you try again."
                );
            case AccountResult.Unavailable { RetryAfter: var wait }:
                return Later(consequence, wait);
            case AccountResult.NotOffered:
                return Again(StatusCodes.Status403Forbidden, $"The backend does not allow this, so {consequence}.");
            default:
                return Again(StatusCodes.Status502BadGateway, $"This site has an error, so {consequence}. Try again later.");
        }
    }

    /// <summary>Redirects to the login page, which shows the notice.</summary>
    protected IActionResult ToLogin(string notice, string? email)
    {
        Notices.Write(HttpContext, new(AccountNotices.Login, notice, email));
        return LocalRedirect(SessionPages.Login(HttpContext));
    }

    private static string InWords(AccountField field) =>
        field switch
        {
            AccountField.Email => "This e-mail address cannot be used.",
            AccountField.Password => "The password is wrong.",
            AccountField.NewPassword => "The new password cannot be used. Choose a longer one.",
            _ => "This code is wrong or no longer valid.",
        };
}
