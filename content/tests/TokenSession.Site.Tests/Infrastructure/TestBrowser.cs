using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Net.Http.Headers;

namespace Tests.Infrastructure;

/// <summary>The part of a browser that a session needs: a cookie jar that tests can read, copy and restore.</summary>
public sealed partial class TestBrowser(HttpClient client)
{
    private static readonly string AccessTokenCookie = $"{TestSite.CookiePrefix}_token";

    private readonly Lock gate = new();
    private string? address;
    private bool namesSender;

    public Dictionary<string, string> Cookies { get; private init; } = [];

    public string? Ticket => Cookies.FirstOrDefault(cookie => cookie.Key.EndsWith("_refresh_token", StringComparison.Ordinal)).Value;

    public string AccessToken => Cookies[AccessTokenCookie];

    /// <summary>Whether the access token has expired, by the clock of this machine.</summary>
    public bool HasExpired =>
        DateTimeOffset.Parse(Uri.UnescapeDataString(Cookies[$"{TestSite.CookiePrefix}_session"]), CultureInfo.InvariantCulture)
        < DateTimeOffset.UtcNow;

    /// <summary>Another browser with the same cookies, such as that of a thief, a backup or a request that has not arrived yet.</summary>
    public TestBrowser Copy() => With(Cookies);

    /// <summary>A browser that already has these cookies.</summary>
    public TestBrowser With(Dictionary<string, string> cookies) => new(client) { Cookies = new(cookies), namesSender = namesSender };

    /// <summary>A browser with Fetch Metadata: each request says that a page of this site sends it. Other browsers use the tokens of
    /// antiforgery.</summary>
    public TestBrowser NamingTheSender()
    {
        namesSender = true;
        return this;
    }

    /// <summary>The same browser with the address of another machine.</summary>
    public TestBrowser From(string machine)
    {
        address = machine;
        return this;
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(new(HttpMethod.Get, path), headers);

    public Task<HttpResponseMessage> PostAsync(string path, object? json = null, params (string Name, string Value)[] headers) =>
        SendAsync(new(HttpMethod.Post, path) { Content = json is null ? null : JsonContent.Create(json) }, headers);

    public Task<HttpResponseMessage> SignInAsync(
        string email = DemoBackend.Email,
        string password = DemoBackend.Password,
        bool rememberMe = false
    ) =>
        PostAsync(
            "/api/auth/login",
            new
            {
                email,
                password,
                rememberMe,
            }
        );

    /// <summary>Opens a page, fills in its form and sends it, like a user.</summary>
    public async Task<HttpResponseMessage> FillInAsync(string path, params (string Name, string Value)[] fields)
    {
        var antiforgery = await OpenFormAsync(path);
        return await SendFormAsync(path, antiforgery, fields);
    }

    /// <summary>Sends a form that was opened before.</summary>
    public Task<HttpResponseMessage> SendFormAsync(string path, string antiforgery, params (string Name, string Value)[] fields)
    {
        var form = fields
            .Append(("__RequestVerificationToken", antiforgery))
            .Select(field => KeyValuePair.Create(field.Item1, field.Item2));
        return SendAsync(new(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form) }, [("Accept", "text/html")]);
    }

    /// <summary>Opens a page with a form. Returns the hidden field that belongs to the antiforgery cookie.</summary>
    public async Task<string> OpenFormAsync(string path) => FormFieldIn(await (await GetAsync(path)).Content.ReadAsStringAsync());

    /// <summary>The hidden field of antiforgery in a page.</summary>
    public static string FormFieldIn(string page) => AntiforgeryField().Match(page).Groups[1].Value;

    public Task<HttpResponseMessage> RefreshAsync() => PostAsync("/api/auth/refresh");

    public Task<HttpResponseMessage> SignOutAsync() => PostAsync("/api/auth/logout");

    /// <summary>Sends a request with the current cookies, and stores the cookies of the answer.</summary>
    public async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        IEnumerable<(string Name, string Value)>? headers = null,
        CancellationToken cancellationToken = default
    )
    {
        var response = await SendAndForgetAsync(request, headers, cancellationToken);
        Keep(response);
        return response;
    }

    /// <summary>Sends a request, but does not store the cookies of the answer, as if the answer were lost.</summary>
    public async Task<HttpResponseMessage> SendAndForgetAsync(
        HttpRequestMessage request,
        IEnumerable<(string Name, string Value)>? headers = null,
        CancellationToken cancellationToken = default
    )
    {
        lock (gate)
        {
            request.Headers.TryAddWithoutValidation("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        }

        if (address is not null)
        {
            request.Headers.Add(ClientAddress.Header, address);
        }

        foreach (var (name, value) in headers ?? [])
        {
            request.Headers.Add(name, value);
        }

        if (namesSender && !request.Headers.Contains("Sec-Fetch-Site"))
        {
            request.Headers.Add("Sec-Fetch-Site", "same-origin");
        }

        return await client.SendAsync(request, cancellationToken);
    }

    public Task<HttpResponseMessage> GetAndForgetAsync(string path) => SendAndForgetAsync(new(HttpMethod.Get, path));

    public void Keep(HttpResponseMessage response)
    {
        lock (gate)
        {
            foreach (var cookie in SetCookies(response))
            {
                if (cookie.MaxAge <= TimeSpan.Zero || cookie.Expires <= DateTimeOffset.UnixEpoch)
                {
                    Cookies.Remove(cookie.Name.ToString());
                }
                else
                {
                    Cookies[cookie.Name.ToString()] = cookie.Value.ToString();
                }
            }
        }
    }

    public static IReadOnlyList<SetCookieHeaderValue> SetCookies(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Set-Cookie", out var values) ? [.. SetCookieHeaderValue.ParseList(values.ToList())] : [];

    public static string AccessTokenIn(HttpResponseMessage response) =>
        SetCookies(response).Single(cookie => cookie.Name == AccessTokenCookie).Value.ToString();

    [GeneratedRegex("name=\"__RequestVerificationToken\" (?:type=\"hidden\" )?value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryField();
}

public static partial class ResponseExtensions
{
    public static void ShouldBe(this HttpResponseMessage response, HttpStatusCode status) => Assert.Equal(status, response.StatusCode);

    /// <param name="location">Without the reason of a session's end, which <see cref="ShouldSay"/> checks.</param>
    public static void ShouldRedirectTo(this HttpResponseMessage response, string location)
    {
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(location, Reason().Replace(response.Headers.Location?.OriginalString ?? "", ""));
    }

    /// <summary>The response redirects to the login page, which says why the session has ended.</summary>
    public static void ShouldSay(this HttpResponseMessage response, SessionEndReason reason) =>
        Assert.EndsWith($"reason={reason.ToText()}", response.Headers.Location?.OriginalString, StringComparison.Ordinal);

    [GeneratedRegex("[?&]reason=[a-z_]+$")]
    private static partial Regex Reason();

    public static void ShouldSetNoCookies(this HttpResponseMessage response) => Assert.Empty(TestBrowser.SetCookies(response));
}
