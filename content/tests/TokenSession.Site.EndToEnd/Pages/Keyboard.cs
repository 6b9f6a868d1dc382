using Microsoft.Playwright;

namespace EndToEnd.Pages;

/// <summary>The actions of a user who has no mouse.</summary>
public sealed class Keyboard(IPage page)
{
    public IPage Tab => page;

    public Task PressAsync(string key) => page.Keyboard.PressAsync(key);

    public Task TypeAsync(string text) => page.Keyboard.TypeAsync(text);

    /// <summary>Moves the focus one step. Returns the name of the element with the focus, which must be visible.</summary>
    public async Task<string> TabAsync()
    {
        await PressAsync("Tab");
        var name = await page.EvaluateAsync<string>(
            """
            () => {
              const it = document.activeElement;
              return it.ariaLabel ?? it.labels?.[0]?.textContent ?? it.textContent.trim();
            }
            """
        );
        var (outline, isOnScreen) = (
            await page.EvaluateAsync<string>("() => getComputedStyle(document.activeElement).outlineStyle"),
            await page.EvaluateAsync<bool>(
                """
                () => {
                  const { top, left, bottom, right } = document.activeElement.getBoundingClientRect();
                  return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
                }
                """
            )
        );
        Assert.True(outline is "solid" && isOnScreen, $"The focus on \"{name}\" is not visible.");
        return name;
    }

    /// <summary>Moves the focus until this element has it.</summary>
    public async Task TabToAsync(string name)
    {
        for (var step = 0; await TabAsync() != name; step++)
        {
            Assert.True(step < 30, $"\"{name}\" cannot be reached with the keyboard.");
        }
    }
}
