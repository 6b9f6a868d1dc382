namespace Tests.Session;

/// <summary>Values that redirect a user from a login page to another site. They come from the test suites of browsers and
/// scanners.</summary>
public sealed class ReturnUrlTests
{
    private const string Otherwise = "/app";

    private static readonly string[] Hosts =
    [
        "evil.example",
        "evil.example/app",
        "evil.example:443",
        "user@evil.example",
        "localhost@evil.example",
        "127.1",
        "[::1]",
    ];

    private static readonly string[] Leads =
    [
        "//",
        "///",
        "////",
        "/\\",
        "\\/",
        "\\\\",
        "/\\/",
        "\\",
        "/\t/",
        "/\n/",
        "/\r\n/",
        "\t//",
        " //",
        "/ /",
        "/\0/",
        "/%2F",
        "/%2f%2f",
        "/%5C",
        "/%5c%5c",
        "/%252F",
        "/%252f%252f",
        "/%255C",
        "/%25252F",
        "/./\\",
        "/.//",
        "/..//",
        "/%2e//",
        "/%2e%2e//",
        "/app/..//",
        "/app//../",
        "/app/%2e%2e//",
        "http://",
        "https://",
        "HTTPS:",
        "https:/",
        "https:",
        "https:\\\\",
        "https:///",
        "ftp://",
        "ws://",
        "//localhost@",
        "/%09/",
        "/%0a/",
        "/%0d%0a/",
        "\u2215\u2215",
        "/\u2215",
        "/\uFF0F",
        "\uFF0F\uFF0F",
        "/\uFF3C",
        "/\u3002",
        "/\u2028/",
        "/\u200B/",
        "/\uFEFF/",
        "/\u00A0/",
        ".",
        "..",
        "@",
        "?",
        "#",
        "",
    ];

    private static readonly string[] Others =
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:a@evil.example",
        "about:blank",
        "blob:https://evil.example/1",
        "app",
        "app/page",
        "./app",
        "../app",
        "?returnTo=/app",
        "#top",
        "/app\r\nSet-Cookie: a=b",
        "/app%0d%0aSet-Cookie: a=b",
        "/app\nLocation: https://evil.example",
        "/app%0aLocation:%20https://evil.example",
        "/app\u0085x",
        "/app\u2028x",
        "/app/../../x",
        "/app/%2e%2e/%2e%2e/x",
        "/app/%252e%252e/x",
        "/app/./x",
        "/app/..",
        "/..",
        "/.",
        "/日本",
        "/app\0",
        "/app%00//x",
        "/\"onmouseover=alert(1)/..",
        "",
        "~/app",
        "~//evil.example",
        "/~//evil.example",
        "%2Fapp",
        "%2F%2Fevil.example",
        "/app//evil.example",
        "/app/\\evil.example",
        "/app/%5Cevil.example",
        null!,
    ];

    public static TheoryData<string> Tricks =>
        [
            .. Leads.SelectMany(lead => Hosts.Select(host => lead + host)),
            .. Others,
            "/" + new string('a', 3_000),
            "/" + string.Concat(Enumerable.Repeat("%25", 800)) + "2F",
        ];

    public static TheoryData<string> LocalPaths =>
        [
            "/",
            "/app",
            "/app/",
            "/app/page",
            "/app?tab=2",
            "/app?next=https%3A%2F%2Fevil.example",
            "/app?next=//evil.example",
            "/app?a=b&c=%2F%2F",
            "/app#top",
            "/App/Page",
            "/a.b/c-d/e_f~g",
            "/app/%E6%97%A5%E6%9C%AC",
            "/app?q=a+b%20c",
            "/...",
            "/app/..x",
            "/100%25",
            "/login?returnTo=%2Fapp",
        ];

    [Fact]
    public void The_corpus_is_large_enough() => Assert.InRange(Tricks.Count, 400, int.MaxValue);

    [Theory, MemberData(nameof(Tricks))]
    public void A_trick_ends_on_the_default_page_of_this_site(string? trick)
    {
        var target = ReturnUrl.Local(trick, Otherwise);
        Assert.True(target == Otherwise, $"'{trick}' passed as '{target}'.");
    }

    [Theory, MemberData(nameof(LocalPaths))]
    public void A_path_of_this_site_is_unchanged(string path) => Assert.Equal(path, ReturnUrl.Local(path, Otherwise));

    /// <summary>If the check accepts a value, a URL parser reads it as an address of this site, and it cannot split a header.</summary>
    [Theory, MemberData(nameof(Tricks)), MemberData(nameof(LocalPaths))]
    public void Every_accepted_value_is_an_address_of_this_site(string? text)
    {
        var target = new Uri(new Uri("https://site.test/login"), ReturnUrl.Local(text, Otherwise));
        Assert.Equal("https://site.test", target.GetLeftPart(UriPartial.Authority));
        Assert.DoesNotContain(ReturnUrl.Local(text, Otherwise), char.IsControl);
    }
}
