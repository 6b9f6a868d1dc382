using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Pages;

public sealed partial class SecurityHeadersTests
{
    [Fact]
    public async Task Every_answer_in_production_tells_browsers_what_it_may_do()
    {
        await using var site = TestSite
            .InProduction()
            .With(services =>
                services.Configure<RazorPagesOptions>(options =>
                    options.Conventions.Restrict("/Index", _ => throw new InvalidOperationException("a bug"))
                )
            );
        string[] paths = [.. site.Paths(), "/nowhere", "/css/site.css", "/js/token-session.js"];
        var requests =
            from browser in new[]
            {
                site.NewBrowser("http://behind-a-proxy"),
                await site.NewSignedInBrowserAsync(address: "https://site.test"),
            }
            from path in paths
            from method in new[] { HttpMethod.Get, HttpMethod.Post }
            select (browser, path, method);
        foreach (var (browser, path, method) in requests)
        {
            var answer = await browser.SendAndForgetAsync(new(method, path));
            var headers = answer.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value));

            Assert.Equal("nosniff", headers["X-Content-Type-Options"]);
            Assert.Equal("DENY", headers["X-Frame-Options"]);
            Assert.Equal("strict-origin-when-cross-origin", headers["Referrer-Policy"]);
            Assert.Equal("same-origin", headers["Cross-Origin-Resource-Policy"]);

            // Browsers ignore it on plain HTTP (RFC 6797, 8.1). The framework's exception handler removes it from the page of a 500.
            if (answer.StatusCode is not HttpStatusCode.InternalServerError)
            {
                var isHttps = answer.RequestMessage!.RequestUri!.Scheme is "https";
                Assert.Equal(isHttps ? "max-age=31536000" : null, headers.GetValueOrDefault("Strict-Transport-Security"));
            }

            if (answer.Content.Headers.ContentType?.MediaType?.Contains("json", StringComparison.Ordinal) is true)
            {
                continue;
            }

            // The import map is the only inline script.
            var importMap = ImportMap().Match(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups[1];
            var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(importMap.Value)));
            Assert.Equal(
                $"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
                    + $"connect-src 'self' https://backend.test; script-src {(importMap.Success ? $"'sha256-{hash}' " : "")}'self'",
                headers["Content-Security-Policy"]
            );
            Assert.Equal("same-origin", headers["Cross-Origin-Opener-Policy"]);
            Assert.Contains("camera=()", headers["Permissions-Policy"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_readable_access_token_scripts_may_talk_to_this_site_only()
    {
        await using var site = TestSite.InProduction().With("TokenSession:AccessTokenInBrowser", "false");
        var headers = (await site.NewBrowser().GetAsync("/")).Headers;
        Assert.Contains("; connect-src 'self'; ", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [GeneratedRegex("<script type=\"importmap\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex ImportMap();
}
