using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace Template.Tests.Infrastructure;

/// <summary>A browser without scripts. It keeps cookies and sends headers like a browser, and follows no redirect.</summary>
/// <param name="site">The address of the site.</param>
/// <param name="prefix">The prefix of the site's cookies.</param>
public sealed partial class SiteClient(Uri site, string prefix)
{
    private static readonly HttpClient Http = new(
        new SocketsHttpHandler
        {
            UseCookies = false,
            AllowAutoRedirect = false,
            SslOptions = LocalCertificate.Trust,
        }
    );

    private static readonly string[] OtherCookies = ["antiforgery", "sign_in", "cookies", "form", "link", "two_factor", "notice"];

    private readonly CookieContainer jar = new();

    public string? AccessToken => Cookie($"{prefix}_token");

    public string? Ticket => Cookie($"{prefix}_refresh_token");

    public DateTimeOffset Expiry =>
        DateTimeOffset.Parse(Uri.UnescapeDataString(Cookie($"{prefix}_session")!), CultureInfo.InvariantCulture);

    /// <summary>The names of the session's cookies in this browser, including the chunks of the ticket. The other cookies of forms and of a
    /// sign-in that waits for its code are not included.</summary>
    public IReadOnlyList<string> SessionCookies =>
        [
            .. jar.GetCookies(site)
                .Select(cookie => cookie.Name)
                .Where(name => name.StartsWith($"{prefix}_", StringComparison.Ordinal))
                .Except(OtherCookies.Select(name => $"{prefix}_{name}"))
                .Order(),
        ];

    /// <summary>A browser with a copy of these cookies, such as another tab, or this browser if its next answer is lost.</summary>
    /// <param name="node">The address of its requests; by default, that of this browser.</param>
    public SiteClient Copy(Uri? node = null)
    {
        var copy = new SiteClient(node ?? site, prefix);
        foreach (var cookie in jar.GetAllCookies().Cast<Cookie>())
            copy.jar.Add(cookie);
        return copy;
    }

    /// <summary>Waits until the access token of this browser has expired, both for the backend and by the expiry time that the site sent to
    /// the browser.</summary>
    public async Task UntilExpiredAsync(Func<string, Task<bool>> isAccepted)
    {
        var (token, expiry) = (AccessToken, Expiry);
        await Eventually.TrueAsync(
            async () => DateTimeOffset.UtcNow > expiry && (token is null || !await isAccepted(token)),
            "the access token expires"
        );
    }

    public Task<SiteAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, "navigate");

    /// <summary>Sends a request like a script of the site.</summary>
    public Task<SiteAnswer> FetchAsync(string path, object? body = null) =>
        SendAsync(HttpMethod.Post, path, "cors", body is null ? null : JsonContent.Create(body));

    /// <summary>Opens the page, fills in its form and submits it.</summary>
    public async Task<SiteAnswer> SubmitAsync(string path, params (string Name, string Value)[] fields)
    {
        var page = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return await SubmitAsync(page, path, fields);
    }

    /// <summary>Fills in the form of a page that this browser shows, and submits it with its hidden fields.</summary>
    public Task<SiteAnswer> SubmitAsync(SiteAnswer page, string path, params (string Name, string Value)[] fields)
    {
        var form = new Dictionary<string, string>();
        foreach (Match hidden in HiddenField().Matches(page.Body))
            form[hidden.Groups["name"].Value] = WebUtility.HtmlDecode(hidden.Groups["value"].Value);
        foreach (var (name, value) in fields)
            form[name] = value;
        return SendAsync(HttpMethod.Post, path, "navigate", new FormUrlEncodedContent(form));
    }

    private async Task<SiteAnswer> SendAsync(HttpMethod method, string path, string mode, HttpContent? content = null)
    {
        var address = new Uri(site, path);
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        request.Headers.Add("Sec-Fetch-Mode", mode);
        if (jar.GetCookieHeader(address) is { Length: > 0 } cookies)
            request.Headers.Add("Cookie", cookies);

        using var response = await Http.SendAsync(request);
        var answer = await SiteAnswer.ReadAsync(response);
        // Browsers also send secure cookies to this machine without HTTPS.
        foreach (var cookie in answer.SetCookies)
            jar.SetCookies(address, cookie.Replace("; secure", "", StringComparison.OrdinalIgnoreCase));
        return answer;
    }

    private string? Cookie(string name) => jar.GetCookies(site)[name]?.Value;

    [GeneratedRegex("""<input(?=[^>]*type="hidden")(?=[^>]*name="(?<name>[^"]+)")(?=[^>]*value="(?<value>[^"]*)")""")]
    private static partial Regex HiddenField();
}
