using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Session.Account;

/// <summary>Leads users to the page that sets up a second factor, if the backend requires one and they have none. It applies to the pages for
/// signed-in users.</summary>
internal sealed class TwoFactorSetupFilter(AccountService account) : IAsyncPageFilter
{
    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (
            context.ActionDescriptor.ViewEnginePath is not AccountPages.TwoFactor
            && context.ActionDescriptor.FilterDescriptors.Any(descriptor => descriptor.Filter is RequireSessionAttribute)
            && await account.RequiresTwoFactorSetupAsync(context.HttpContext)
        )
        {
            context.Result = new RedirectToPageResult(AccountPages.TwoFactor);
            return;
        }

        await next();
    }

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;
}
