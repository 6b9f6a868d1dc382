using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The size of the header of the sign-in response. Proxies have limits; the default of nginx is 4,096 bytes.</summary>
public sealed partial class HeaderSizeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1_200, false, 4_000), InlineData(1_200, true, 4_000), InlineData(3_000, false, 8_000), InlineData(3_000, true, 8_000)]
    public async Task The_header_of_a_sign_in_has_room_in_the_buffer_of_a_proxy(int accessToken, bool onThePage, int limit)
    {
        await using var site = new RealSite();
        await site.IssueAccessTokensOfAsync(accessToken);
        foreach (var rememberMe in new[] { false, true })
        {
            var answer = await site.SignInAsync(onThePage, rememberMe: rememberMe);

            answer.ShouldBe(onThePage ? HttpStatusCode.Redirect : HttpStatusCode.OK);
            Assert.Equal(3, TestBrowser.SetCookies(answer).Select(cookie => cookie.Name.ToString().Split("C1")[0]).Count(IsOfTheSession));
            output.WriteLine($"{accessToken}, on the page: {onThePage}, remembered: {rememberMe}: {SizeOf(answer)} bytes");
            Assert.InRange(SizeOf(answer), accessToken, limit - 1);
        }
    }

    [Fact]
    public async Task The_log_warns_of_large_cookies_once_and_with_numbers()
    {
        await using var site = new RealSite();
        await site.IssueAccessTokensOfAsync(400);
        await site.SignInAsync(onThePage: false);
        Assert.Empty(Warnings(site));

        await site.IssueAccessTokensOfAsync(3_000);
        var answer = await site.SignInAsync(onThePage: false);
        await site.SignInAsync(onThePage: true);

        var warning = Assert.Single(Warnings(site));
        var numbers = Number().Matches(warning).Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture)).ToList();
        Assert.Contains(answer.Headers.GetValues("Set-Cookie").Sum(cookie => "Set-Cookie: \r\n".Length + cookie.Length), numbers);
        Assert.Contains(3_300, numbers);
    }

    /// <summary>The whole header, status line and empty line included (RFC 9112).</summary>
    private static int SizeOf(HttpResponseMessage answer) =>
        $"HTTP/1.1 {(int)answer.StatusCode} {answer.ReasonPhrase}\r\n\r\n".Length
        + Lines(answer.Headers.NonValidated).Concat(Lines(answer.Content.Headers.NonValidated)).Sum();

    private static IEnumerable<int> Lines(HttpHeadersNonValidated headers) =>
        headers.SelectMany(header => header.Value.Select(value => $"{header.Key}: {value}\r\n".Length));

    private static bool IsOfTheSession(string cookie) =>
        cookie.EndsWith("_refresh_token", StringComparison.Ordinal)
        || cookie.EndsWith("_token", StringComparison.Ordinal)
        || cookie.EndsWith("_session", StringComparison.Ordinal);

    private static IEnumerable<string> Warnings(RealSite site) =>
        site
            .Log.Entries.Where(entry =>
                entry.Level is LogLevel.Warning && entry.Message.Contains("proxy_buffer_size", StringComparison.Ordinal)
            )
            .Select(entry => entry.Message);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
