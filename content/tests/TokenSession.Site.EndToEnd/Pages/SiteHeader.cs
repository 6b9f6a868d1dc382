using Microsoft.Playwright;

namespace EndToEnd.Pages;

/// <summary>The header of every page.</summary>
public sealed class SiteHeader(IPage page)
{
    private ILocator Navigation => page.GetByRole(AriaRole.Navigation, new() { Name = "Main" });

    public ILocator SignIn => Navigation.GetByRole(AriaRole.Link, new() { Name = "Sign in" });

    public ILocator Account => Navigation.GetByRole(AriaRole.Link, new() { Name = "Your account" });

    public ILocator SignOut => Navigation.GetByRole(AriaRole.Link, new() { Name = "Sign out" });
}
