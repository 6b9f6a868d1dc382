using System.Net;
using System.Text.Json;
using Template.Tests.Infrastructure;

namespace Template.Tests.Identity;

[Collection(typeof(IdentityCollection))]
public sealed class IdentitySecondFactorTests(IdentitySite site)
{
    // The recovery codes of tests/Backends/TestBackend.cs.
    private const string AuthenticatorKey = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    private const string RecoveryCode = "RCVRY-00001";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_the_password_the_page_asks_for_the_code_only_and_accepts_it_with_and_without_a_space(bool withSpace)
    {
        var (email, client, page) = await FirstStepAsync();
        var code = await Totp.NowAsync(AuthenticatorKey);

        var answer = await client.SubmitAsync(page, "/login", ("Otp", withSpace ? $"{code[..3]} {code[3..]}" : code));

        Assert.True(answer.IsRedirect, $"{answer}");
        await site.AssertSignedInAsync(client, email);
    }

    [Fact]
    public async Task A_wrong_code_is_reported_and_the_right_one_still_works()
    {
        var (email, client, page) = await FirstStepAsync();

        var wrong = await client.SubmitAsync(page, "/login", ("Otp", "000000"));
        Assert.Empty(client.SessionCookies);
        var right = await client.SubmitAsync(wrong, "/login", ("Otp", await Totp.NowAsync(AuthenticatorKey)));

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.Status);
        Assert.Contains("This code is wrong or no longer valid.", wrong.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("password is wrong", wrong.Body, StringComparison.Ordinal);
        Assert.True(right.IsRedirect, $"{right}");
        await site.AssertSignedInAsync(client, email);
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once()
    {
        var (email, client, page) = await FirstStepAsync();
        var answer = await client.SubmitAsync(page, "/login", ("Otp", ""), ("RecoveryCode", RecoveryCode));
        Assert.True(answer.IsRedirect, $"{answer}");
        await site.AssertSignedInAsync(client, email);

        var (_, other, otherPage) = await FirstStepAsync(email);
        var again = await other.SubmitAsync(otherPage, "/login", ("Otp", ""), ("RecoveryCode", RecoveryCode));

        Assert.Equal(HttpStatusCode.Unauthorized, again.Status);
        Assert.Matches("id=\"RecoveryCode\"[^>]*aria-invalid=\"true\"", again.Body);
        Assert.Empty(other.SessionCookies);
    }

    [Fact]
    public async Task A_script_is_asked_for_the_code_and_sends_only_that()
    {
        var email = await site.CreateUserAsync(twoFactor: true);
        var client = site.NewBrowser();

        var without = await client.FetchAsync("/api/auth/login", new { email, password = IdentitySite.Password });
        var with = await client.FetchAsync("/api/auth/login", new { otp = await Totp.NowAsync(AuthenticatorKey) });

        Assert.Equal(HttpStatusCode.Unauthorized, without.Status);
        Assert.Equal("otp_required", JsonElement.Parse(without.Body).GetProperty("code").GetString());
        Assert.Equal(HttpStatusCode.OK, with.Status);
        await site.AssertSignedInAsync(client, email);
    }

    [Fact]
    public async Task Wrong_codes_lock_the_account_and_the_page_says_so()
    {
        var (_, client, answer) = await FirstStepAsync();
        for (var attempt = 1; attempt <= 5; attempt++)
            answer = await client.SubmitAsync(answer, "/login", ("Otp", "000000"));

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.Status);
        Assert.Contains(
            "Your account is locked, because too many attempts failed. Try again later.",
            answer.Body,
            StringComparison.Ordinal
        );
    }

    /// <summary>A browser that has sent the e-mail address and the password, and was asked for the code.</summary>
    private async Task<(string Email, SiteClient Client, SiteAnswer Page)> FirstStepAsync(string? email = null)
    {
        email ??= await site.CreateUserAsync(twoFactor: true);
        var client = site.NewBrowser();
        var page = await client.SubmitAsync("/login", ("Email", email), ("Password", IdentitySite.Password));
        Assert.Equal(HttpStatusCode.Unauthorized, page.Status);
        Assert.Contains("Enter your code", page.Body, StringComparison.Ordinal);
        Assert.Contains("name=\"RecoveryCode\"", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Password\"", page.Body, StringComparison.Ordinal);
        return (email, client, page);
    }
}
