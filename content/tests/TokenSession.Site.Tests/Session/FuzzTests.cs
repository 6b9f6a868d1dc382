using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>
/// Sends random cookies, queries and bodies. The site must not return a status above 499, must not log anything above a warning, and must
/// not call the backend for a ticket that it cannot decrypt. A failure prints its seed and the shortest request that reproduces it.
/// </summary>
public sealed class FuzzTests
{
    /// <summary>TOKENSESSION_INPUTS=10000000 runs for about one night.</summary>
    private static readonly int Inputs = int.Parse(
        Environment.GetEnvironmentVariable("TOKENSESSION_INPUTS") ?? "3000",
        System.Globalization.CultureInfo.InvariantCulture
    );

    private static readonly string[] Methods = ["GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND"];

    private static readonly string[] ContentTypes =
    [
        "application/json",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "nonsense",
        "",
    ];

    /// <summary>Texts that often break parsers, and parts of a sign-in request.</summary>
    private static readonly string[] Snippets =
    [
        "{",
        "}",
        "[",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        ":",
        ",",
        "null",
        "true",
        "1e999",
        "email",
        "password",
        "otp",
        "rememberMe",
        "demo@example.com",
        "demo",
        "%00",
        "%2F",
        "%",
        "//",
        "..",
        "\r\n",
        "\0",
        "é",
        "日本",
        "\U0001F600",
        "=",
        "&",
        ";",
        "+",
        " ",
        "Email=",
        "Password=",
        "__RequestVerificationToken=",
        "--x\r\n",
        "chunks-3",
        "chunks-99999999999",
        "CfDJ8",
        "eyJhbGciOiJub25lIn0.",
        "2026-01-01T00:00:00Z",
        "returnTo=",
        "https://evil.example",
        "<script>",
        "{\"a\":",
    ];

    private static readonly Gen<string> Text = Gen.OneOf(
        Gen.OneOfConst(Snippets).Array[0, 12].Select(string.Concat),
        Gen.String[0, 60],
        Gen.String[Gen.Char['!', '~'], 0, 200],
        Gen.Select(Gen.OneOfConst(Snippets), Gen.Int[0, 300], (snippet, times) => new StringBuilder().Insert(0, snippet, times).ToString())
    );

    private static readonly Gen<Request> Requests = Gen.Select(
        Gen.Enum<Kind>(),
        Gen.OneOfConst(Methods),
        Gen.Int[0, 1_000],
        Text,
        Text,
        Gen.OneOfConst(ContentTypes),
        Gen.Select(Text, Text, Text),
        Gen.Int[0, 10_000],
        (kind, method, endpoint, query, body, contentType, cookies, at) =>
            new Request(kind, method, endpoint, query, body, contentType, cookies.Item1, cookies.Item2, cookies.Item3, at)
    );

    [Fact]
    public async Task Every_request_is_answered_and_an_unreadable_ticket_never_reaches_the_backend()
    {
        await using var site = new TestSite()
            .With("Backend:ProxyPrefixes:0", "/items")
            .With("TokenSession:FailedSignInsPerAddress", "60000");
        var browser = await site.NewSignedInBrowserAsync();
        var paths = site.Paths().Append("/nowhere").ToList();
        var guest = site.NewBrowser();
        var field = await guest.OpenFormAsync("/login");
        var genuine = new Genuine(
            browser.Ticket!,
            string.Join("; ", guest.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")),
            field
        );

        await Requests.SampleAsync(
            async request =>
            {
                var answer = await site.Server.SendAsync(context => request.WriteTo(context.Request, paths, genuine));
                if (answer.Response.StatusCode >= 500)
                {
                    Assert.Fail(
                        $"{request.Method} {answer.Request.Path}: {answer.Response.StatusCode}, {site.Log.Entries.LastOrDefault(entry => entry.Exception is not null)}"
                    );
                }
            },
            iter: Inputs,
            writeLine: line => TestContext.Current.TestOutputHelper?.WriteLine(line)
        );

        Assert.DoesNotContain(site.Log.OfTheSite, entry => entry.Level >= LogLevel.Error || entry.Exception is not null);
        Assert.Equal((0, 0, 0), (site.RefreshCalls, site.UserCalls, site.Calls("/auth/logout")));
        Assert.True(
            site.Calls("/auth/login") > Inputs / 10,
            "Few bodies came as far as the backend: the inputs do not reach what they should test."
        );
    }

    private enum Kind
    {
        /// <summary>A real ticket with one changed character.</summary>
        TicketWithAFlaw,

        /// <summary>Random pieces that look like parts of a ticket.</summary>
        Chunks,

        /// <summary>JSON in the format of a sign-in, with random values in its fields.</summary>
        SignIn,

        /// <summary>The form of the login page with a real antiforgery token and random values in its fields.</summary>
        Form,

        Noise,
    }

    /// <summary>The cookies that this site issued to a browser.</summary>
    private sealed record Genuine(string Ticket, string AntiforgeryCookie, string AntiforgeryField);

    private sealed record Request(
        Kind Kind,
        string Method,
        int Endpoint,
        string Query,
        string Body,
        string ContentType,
        string Ticket,
        string Token,
        string Indicator,
        int At
    )
    {
        public void WriteTo(HttpRequest request, List<string> paths, Genuine genuine)
        {
            var (method, path, contentType, body) = Kind switch
            {
                Kind.SignIn => (
                    "POST",
                    "/api/auth/login",
                    "application/json",
                    JsonSerializer.Serialize(
                        new
                        {
                            email = Body,
                            password = Ticket,
                            otp = Token,
                        }
                    )
                ),
                Kind.Form => (
                    "POST",
                    "/login",
                    "application/x-www-form-urlencoded",
                    $"__RequestVerificationToken={genuine.AntiforgeryField}&Email={Uri.EscapeDataString(Body)}&Password={Uri.EscapeDataString(Token)}&{Query}"
                ),
                _ => (Method, paths[Endpoint % paths.Count], ContentType, Body),
            };
            request.Method = method;
            request.Scheme = "https";
            request.Host = new("localhost");
            request.Path = path;
            request.QueryString = new("?returnTo=" + Uri.EscapeDataString(Query) + "&" + Query);
            request.ContentType = contentType;
            request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
            request.Headers["Sec-Fetch-Site"] = "same-origin";
            var antiforgery = Kind is Kind.Noise ? $"{TestSite.CookiePrefix}_antiforgery={Body}" : genuine.AntiforgeryCookie;
            request.Headers.Cookie =
                $"{TicketCookie(genuine.Ticket)}; {antiforgery}; "
                + $"{TestSite.CookiePrefix}_token={Token}; {TestSite.CookiePrefix}_session={Indicator}";
        }

        private string TicketCookie(string genuine)
        {
            var name = $"{TestSite.CookiePrefix}_refresh_token";
            var at = At % genuine.Length;
            return Kind switch
            {
                Kind.TicketWithAFlaw => $"{name}={genuine[..at]}{(genuine[at] is 'A' ? 'B' : 'A')}{genuine[(at + 1)..]}",
                Kind.Chunks => $"{name}=chunks-{At % 5}; {name}C1={genuine[..at]}; {name}C2={Ticket}",
                Kind.Form => "",
                _ => $"{name}={Ticket}",
            };
        }
    }
}
