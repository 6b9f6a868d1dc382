using Microsoft.Playwright;

namespace EndToEnd.Pages;

/// <summary>The offer of a page before the session ends.</summary>
public sealed class SessionOffer(IPage page)
{
    private ILocator Status => page.GetByRole(AriaRole.Status).Filter(new() { Has = page.Locator("[data-offer]") });

    public ILocator Text => Status.GetByRole(AriaRole.Paragraph);

    public ILocator Stay => page.GetByRole(AriaRole.Button, new() { Name = "Stay signed in" });

    public Task RememberIfShownAsync() =>
        page.EvaluateAsync(
            """
            () => {
              globalThis.wasOffered = false;
              const offer = document.querySelector('[data-offer]');
              new MutationObserver(() => { globalThis.wasOffered ||= !offer.hidden; }).observe(offer, { attributes: true });
            }
            """
        );

    public Task<bool> WasShownAsync() => page.EvaluateAsync<bool>("() => globalThis.wasOffered");
}
