using System.Net;
using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>The tests for each recipe of docs/backends.md, on a new site and the real backend. An access token lives for seconds.</summary>
public abstract class RecipeTests(RecipeSite site)
{
    private const int MostLines = 60;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void It_changes_few_lines() =>
        Assert.All(site.Recipes, recipe => Assert.True(recipe.ChangedLines <= MostLines, $"More than {MostLines}: {recipe}"));

    [Fact]
    public void It_changes_a_path_and_no_test_but_that_of_the_adapter()
    {
        Assert.Matches(@"(?m)^\+ +\[Post\(""/", site.Recipes[0].Patch);
        Assert.All(
            site.Recipes.SelectMany(recipe => recipe.ChangedFiles).Where(file => !file.StartsWith("src/", StringComparison.Ordinal)),
            file => Assert.Contains(file, new[] { "tests/MySite.Tests/Backend/CustomBackendTests.cs", "Directory.Packages.props" })
        );
    }

    [Fact]
    public async Task The_site_builds_without_a_warning() =>
        Assert.Contains("0 Warning(s)", (await site.Generated.BuildAsync()).ShouldSucceed().Output);

    [Fact]
    public async Task The_tests_of_the_site_pass()
    {
        var run = (await site.Generated.TestOnlyAsync(site.TestFilter)).ShouldSucceed();

        Assert.Matches(@"succeeded: [1-9]\d", run.Output);
    }

    [Fact]
    public async Task The_contract_passes()
    {
        var run = (await site.ContractAsync()).ShouldSucceed();

        Assert.Contains("succeeded: 10", run.Output);
        Assert.Contains("skipped: 0", run.Output);
    }

    [Fact]
    public async Task A_user_signs_in_and_sees_the_account()
    {
        var (email, browser) = await site.SignedInAsync();

        var page = await browser.GetAsync("/app");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains(email, page.Body);
    }

    [Fact]
    public async Task Twenty_pages_on_an_expired_session_cost_one_refresh()
    {
        var (email, browser) = await site.SignedInAsync();
        await UntilExpiredAsync(browser);
        var before = await site.Backend.CallsAsync(site.RefreshPath);

        var pages = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => browser.Copy().GetAsync("/app")));

        Assert.All(pages, page => Assert.Equal(HttpStatusCode.OK, page.Status));
        Assert.All(pages, page => Assert.Contains(email, page.Body));
        Assert.Equal(before + 1, await site.Backend.CallsAsync(site.RefreshPath));
    }

    [Fact]
    public Task A_user_whose_session_the_backend_ends_is_signed_out_within_a_minute() =>
        Task.WhenAll(new[] { "delete", "block", "stamp" }.Select(AssertEndedAsync));

    private async Task AssertEndedAsync(string control)
    {
        var (email, browser) = await site.SignedInAsync();
        await site.Backend.ControlAsync($"{control}/{email}");

        SiteAnswer page;
        var deadline = DateTime.UtcNow + Minute;
        while (!(page = await browser.GetAsync("/app")).IsRedirect && DateTime.UtcNow < deadline)
            await Task.Delay(TimeSpan.FromSeconds(0.5));

        Assert.StartsWith("/login", page.Location);
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(page.Location!)).Status);
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task Signing_out_revokes_the_tokens(bool isExpired)
    {
        var (_, browser) = await site.SignedInAsync();
        if (isExpired)
            await UntilExpiredAsync(browser);
        var (path, status) = site.Revocation;
        var before = await site.Backend.AnswersAsync(path, status);

        var answer = await browser.SubmitAsync("/logout");

        Assert.True(answer.IsRedirect, $"{answer}");
        Assert.Equal(before + 1, await site.Backend.AnswersAsync(path, status));
        Assert.Empty(browser.SessionCookies);
    }

    private static Task UntilExpiredAsync(SiteClient browser)
    {
        var expiry = browser.Expiry;
        return Eventually.TrueAsync(() => DateTimeOffset.UtcNow > expiry, "the access token expires");
    }
}
