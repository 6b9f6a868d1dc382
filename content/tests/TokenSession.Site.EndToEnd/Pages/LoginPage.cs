using Microsoft.Playwright;
using TokenSessionSite.Backend.Demo;

namespace TokenSessionSite.EndToEnd.Pages;

public sealed class LoginPage(IPage page)
{
    public IPage Tab => page;

    public ILocator Email => page.GetByLabel("E-mail");

    public ILocator Password => page.GetByLabel("Password", new() { Exact = true });

    public ILocator Otp => page.GetByLabel("One-time code");

    public ILocator RememberMe => page.GetByLabel("Remember me");

    public ILocator Submit => page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign in" });

    public ILocator ShowPassword => page.GetByRole(AriaRole.Button, new() { Name = "Show" });

    public ILocator Notice => page.GetByRole(AriaRole.Alert);

    public async Task<LoginPage> OpenAsync(string path = "/login")
    {
        await page.GotoAsync(path);
        return this;
    }

    /// <summary>What the page says while it waits is gone with the page; this keeps it for <see cref="RememberedProgressAsync"/>.</summary>
    public Task RememberProgressAsync() => page.EvaluateAsync(
        """
        () => {
          const note = document.querySelector('[data-progress]');
          new MutationObserver(() => sessionStorage.setItem('progress', note.textContent)).observe(note, { childList: true });
        }
        """);

    public Task<string?> RememberedProgressAsync() => page.EvaluateAsync<string?>("() => sessionStorage.getItem('progress')");

    public async Task<LoginPage> TryAsync(string email, string password)
    {
        await Email.FillAsync(email);
        await Password.FillAsync(password);
        await Submit.ClickAsync();
        return this;
    }

    public async Task<AppPage> SignInAsync()
    {
        await TryAsync(DemoBackend.Email, DemoBackend.Password);
        await page.WaitForURLAsync("**/app");
        return new(page);
    }
}
