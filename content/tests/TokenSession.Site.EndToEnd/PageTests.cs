using EndToEnd.Pages;
using Microsoft.Playwright;

namespace EndToEnd;

/// <summary>Requirements for every page. Each visit also checks that no page sends a request to another host
/// (<see cref="Visit"/>).</summary>
public sealed class PageTests(BrowserFixture browser)
{
    private static readonly string[] ForGuests = ["/", "/login", "/logout", "/nowhere"],
        ForUsers = ["/app", "/logout"];

    [Theory, InlineData(320), InlineData(1280)]
    public Task Every_page_has_a_language_a_title_of_its_own_and_a_viewport_and_stands_still(int width) =>
        browser.VisitAsync(
            async visit =>
            {
                await visit.WatchShiftsAsync();
                var tab = await visit.NewTabAsync();

                await LookAsync(ForGuests);
                await (await new LoginPage(tab).OpenAsync()).SignInAsync();
                await LookAsync(ForUsers);

                async Task LookAsync(string[] paths)
                {
                    var titles = new HashSet<string>();
                    foreach (var path in paths)
                    {
                        await tab.GotoAsync(path, new() { WaitUntil = WaitUntilState.NetworkIdle });
                        Assert.True(titles.Add(await tab.TitleAsync()), $"The title of {path} is another page's as well.");
                        Assert.Equal("en", await tab.Locator("html").GetAttributeAsync("lang"));
                        Assert.Equal(
                            "width=device-width, initial-scale=1",
                            await tab.Locator("meta[name=viewport]").GetAttributeAsync("content")
                        );
                        Assert.Empty(await Visit.ShiftsAsync(tab));
                    }
                }
            },
            look: (ColorScheme.Light, width)
        );

    [Theory, InlineData("/login"), InlineData("/nowhere")]
    public Task On_a_slow_network_the_first_part_of_a_page_stands_still_when_the_rest_arrives(string path) =>
        browser.VisitAsync(async visit => await AssertStandsStillAsync(visit, await visit.NewTabAsync(), path, secondPart: "</h1>"));

    [Fact]
    public Task On_a_slow_network_the_user_in_the_header_stands_still_when_the_sign_out_link_arrives() =>
        browser.VisitAsync(async visit =>
            await AssertStandsStillAsync(visit, (await visit.SignInAsync()).Tab, "/app", secondPart: "<a class=\"button quiet\"")
        );

    [Theory, InlineData("/"), InlineData("/app")]
    public Task The_layout_has_no_form_and_its_scripts_leave_no_globals(string path) =>
        browser.VisitAsync(async visit =>
        {
            var tab = (await visit.SignInAsync()).Tab;
            await tab.GotoAsync(path);

            await Assertions.Expect(tab.Locator("form")).ToHaveCountAsync(0);
            Assert.Empty(
                await tab.EvaluateAsync<string[]>(
                    """
                    () => {
                      const empty = document.body.appendChild(document.createElement('iframe')).contentWindow;
                      return Object.getOwnPropertyNames(window).filter(name => !(name in empty) && !/^(__pw|\d)/.test(name));
                    }
                    """
                )
            );
        });

    [Theory, InlineData(ColorScheme.Light), InlineData(ColorScheme.Dark)]
    public Task The_browser_has_the_sites_icons_and_the_color_of_its_pages(ColorScheme colours) =>
        browser.VisitAsync(
            async visit =>
            {
                var tab = await visit.NewTabAsync();
                await tab.GotoAsync("/login");

                foreach (var rel in new[] { "icon", "apple-touch-icon" })
                {
                    var answer = await visit.Browser.APIRequest.GetAsync(
                        (await tab.Locator($"link[rel={rel}]").GetAttributeAsync("href"))!
                    );
                    Assert.StartsWith("image/", answer.Headers["content-type"], StringComparison.Ordinal);
                }

                Assert.True(
                    await tab.EvaluateAsync<bool>(
                        """
                        () => {
                          const theme = [...document.querySelectorAll('meta[name=theme-color]')].find(({ media }) => matchMedia(media).matches);
                          const sample = document.body.appendChild(document.createElement('i'));
                          sample.style.color = theme.content;
                          return getComputedStyle(sample).color === getComputedStyle(document.body).backgroundColor;
                        }
                        """
                    )
                );
            },
            look: (colours, 1280)
        );

    [Fact]
    public async Task Without_an_access_token_in_the_browser_scripts_reach_the_backend_through_the_site()
    {
        await using var site = new TestSite(
            settings: [("TokenSession:AccessTokenInBrowser", "false"), ("Backend:ProxyPrefixes:0", DemoBackendHandler.UserPath)]
        );
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var app = await visit.SignInAsync();
                Assert.Contains("demo@example.com", await FetchAsync(app.Tab));
                Assert.Null(await visit.CookieAsync(site.Options.AccessTokenCookie));

                site.Clock.Advance(TimeSpan.FromSeconds(65));
                Assert.Contains("demo@example.com", await FetchAsync(app.Tab));

                Assert.Equal(1, site.Backend.Refreshes);
                Assert.Null(await visit.CookieAsync(site.Options.AccessTokenCookie));
                Assert.Equal("", await app.Tab.EvaluateAsync<string>("() => import('/js/token-session.js').then(it => it.accessToken())"));
            }
        );
    }

    [Fact]
    public async Task An_exception_in_a_page_shows_the_error_page_without_details()
    {
        await using var site = new TestSite(isProduction: true);
        await browser.VisitAsync(
            site,
            async visit =>
            {
                var tab = await visit.NewTabAsync();

                var answer = await tab.GotoAsync("/?fail");

                Assert.Equal(500, answer!.Status);
                await Assertions.Expect(tab.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Something went wrong");
                await Assertions.Expect(tab.GetByRole(AriaRole.Link, new() { Name = "Try again" })).ToHaveAttributeAsync("href", "/?fail");
                await Assertions.Expect(new SiteHeader(tab).SignIn).ToBeVisibleAsync();
                Assert.DoesNotContain("secret detail", await tab.ContentAsync());
                await Assertions.Expect(tab.GetByText("Trying again in")).ToHaveCountAsync(0);
            }
        );
    }

    [Theory, InlineData(true), InlineData(false)]
    public Task A_page_that_says_try_again_counts_down_and_tries_unless_the_user_cancels(bool isCancelled) =>
        browser.VisitAsync(async visit =>
        {
            var app = await visit.SignInAsync();
            visit.Site.Backend.Faults.Break(DemoFault.Refused, DemoBackendHandler.UserPath);
            await app.OpenAsync();
            await Assertions.Expect(app.Tab.GetByText("Trying again in")).ToBeVisibleAsync();
            visit.Site.Backend.Faults.Clear();
            var opened = visit.Count("GET /app");

            if (isCancelled)
            {
                await app.Tab.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
                await visit.Browser.Clock.RunForAsync(10_000);
                await Assertions.Expect(app.Tab.GetByText("Trying again in")).ToHaveCountAsync(0);
                Assert.Equal(opened, visit.Count("GET /app"));
            }
            else
            {
                await Assertions.Expect(app.Email).ToHaveTextAsync(DemoBackend.Email, new() { Timeout = 10_000 });
            }
        });

    private static Task<string> FetchAsync(IPage tab) =>
        tab.EvaluateAsync<string>(
            "path => import('/js/token-session.js').then(it => it.fetchBackend(path)).then(it => it.text())",
            DemoBackendHandler.UserPath
        );

    private static async Task AssertStandsStillAsync(Visit visit, IPage tab, string path, string secondPart)
    {
        var rest = new TaskCompletionSource();
        visit.Site.RestOfPages = rest.Task;
        await visit.WatchShiftsAsync();
        await tab.GotoAsync($"{path}?second-part={Uri.EscapeDataString(secondPart)}", new() { WaitUntil = WaitUntilState.Commit });
        // The browser shows the first part.
        await tab.EvaluateAsync("() => new Promise(done => new PerformanceObserver(done).observe({ type: 'paint', buffered: true }))");

        rest.SetResult();
        await Visit.UntilAsync(() => tab.EvaluateAsync<bool>("() => document.readyState === 'complete'"), "the page is complete");

        Assert.Empty(await Visit.ShiftsAsync(tab));
    }
}
