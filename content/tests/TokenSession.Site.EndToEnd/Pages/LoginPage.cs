using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace EndToEnd.Pages;

public sealed class LoginPage(IPage page)
{
    public IPage Tab => page;

    public ILocator Email => page.GetByLabel("E-mail");

    public ILocator Password => page.GetByLabel("Password", new() { Exact = true });

    public ILocator Otp => page.GetByLabel("One-time code");

    public ILocator RememberMe => page.GetByLabel("Keep me signed in");

    public ILocator Submit => page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign in" });

    public ILocator ShowPassword => page.GetByRole(AriaRole.Button, new() { Name = "Show" });

    public ILocator CapsLock => page.Locator("[data-caps-lock]");

    public ILocator Notice => page.GetByRole(AriaRole.Alert);

    public async Task<LoginPage> OpenAsync(string path = "/login")
    {
        await page.GotoAsync(path);
        return this;
    }

    /// <summary>Two clicks: the second one comes while the request of the first one is in progress.</summary>
    public Task SubmitTwiceAsync() =>
        Visit.LeaveAsync(
            page,
            """
            () => {
              const form = document.querySelector('main form');
              form.requestSubmit();
              setTimeout(() => form.requestSubmit(), 150);
            }
            """
        );

    /// <summary>While the form is being sent, the cookies show a session, and the page checks them.</summary>
    public Task PretendSignInNextDoorAsync(string cookie) =>
        page.EvaluateAsync(
            """
            cookie => document.querySelector('main form').addEventListener('submit', () => setTimeout(() => {
              document.cookie = `${cookie}; path=/`;
              dispatchEvent(new Event('focus'));
            }, 150))
            """,
            cookie
        );

    /// <summary>Records what the page says while it waits, because the text disappears with the page
    /// (<see cref="RememberedProgressAsync"/>).</summary>
    public Task RememberProgressAsync() =>
        page.EvaluateAsync(
            """
            () => {
              const note = document.querySelector('[data-progress]');
              new MutationObserver(() => sessionStorage.setItem('progress', note.textContent)).observe(note, { childList: true });
            }
            """
        );

    public Task<string?> RememberedProgressAsync() => page.EvaluateAsync<string?>("() => sessionStorage.getItem('progress')");

    /// <summary>Records the input type of the password field at submit, after all other listeners have run.</summary>
    public Task RememberSentTypeAsync() =>
        page.EvaluateAsync(
            "() => addEventListener('submit', event => sessionStorage.setItem('type', event.target.elements.Password.type))"
        );

    public Task<string?> RememberedSentTypeAsync() => page.EvaluateAsync<string?>("() => sessionStorage.getItem('type')");

    /// <summary>Presses a key, with the state of Caps Lock, which the remote control of the browser cannot set.</summary>
    public static Task TypeAsync(ILocator field, bool withCapsLock) =>
        field.DispatchEventAsync(
            "keydown",
            new
            {
                key = "a",
                bubbles = true,
                modifierCapsLock = withCapsLock,
            }
        );

    public async Task<LoginPage> TryAsync(string email, string password)
    {
        await Email.FillAsync(email);
        await Password.FillAsync(password);
        await Submit.ClickAsync();
        return this;
    }

    /// <summary>Types the code and presses Enter.</summary>
    public async Task AnswerAsync(string code)
    {
        await Otp.FillAsync(code);
        await Otp.PressAsync("Enter");
    }

    public async Task<AppPage> SignInAsync()
    {
        await TryAsync(DemoBackend.Email, DemoBackend.Password);
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/app$"));
        await Visit.UntilAsync(
            () => page.EvaluateAsync<bool>("() => document.readyState === 'complete'"),
            "the page and its scripts have loaded"
        );
        return new(page);
    }
}
