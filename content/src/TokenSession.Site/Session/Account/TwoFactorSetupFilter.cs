using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Session.Account;

/// <summary>Leads users to the page that sets up a second factor, if the backend requires one and they have none. It applies to the pages for
/// signed-in users.</summary>
internal sealed class TwoFactorSetupFilter(IAccountBackend account) : IPageFilter
{
    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        if (
            context.ActionDescriptor.ViewEnginePath is not AccountPages.TwoFactor
            && context.ActionDescriptor.FilterDescriptors.Any(descriptor => descriptor.Filter is RequireSessionAttribute)
            && context.HttpContext.GetTokenSession().Ticket is { Tokens: var tokens }
            && account.RequiresTwoFactorSetup(tokens.AccessToken)
        )
        {
            context.Result = new RedirectToPageResult(AccountPages.TwoFactor);
        }
    }

    public void OnPageHandlerSelected(PageHandlerSelectedContext context) { }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context) { }
}
