using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.Filters;
using TokenSessionSite.Session.Restrictions;

namespace TokenSessionSite.Session.Account;

/// <summary>Redirects users who have no second factor to the page that sets it up, if the backend requires one. Applies to the pages for
/// signed-in users.</summary>
internal sealed class TwoFactorSetupFilter(AccountService account) : IAsyncPageFilter
{
    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (
            context.ActionDescriptor.ViewEnginePath is not AccountPages.TwoFactor
            && IsForSignedInUsers(context.ActionDescriptor)
            && await account.RequiresTwoFactorSetupAsync(context.HttpContext)
        )
        {
            context.Result = new RedirectToPageResult(AccountPages.TwoFactor, new { area = "" });
            return;
        }

        await next();
    }

    private static bool IsForSignedInUsers(ActionDescriptor page) =>
        !page.EndpointMetadata.Any(metadata => metadata is IAllowAnonymous)
        && (
            page.FilterDescriptors.Any(descriptor => descriptor.Filter is RequireSessionAttribute or RuleRestriction)
            || page.EndpointMetadata.Any(metadata => metadata is IAuthorizeData)
        );

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;
}
