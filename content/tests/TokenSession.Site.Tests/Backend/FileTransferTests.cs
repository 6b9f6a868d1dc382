using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>Uploads and downloads, through the client of an endpoint and through the proxy. Bodies are not held back and not kept in
/// memory.</summary>
public sealed class FileTransferTests
{
    private const string ThroughEndpoint = "/file",
        ThroughProxy = "/api/backend/items/1/file";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ItemsBackend backend = new();

    [Theory, InlineData(ThroughEndpoint), InlineData(ThroughProxy)]
    public async Task A_download_arrives_while_it_is_sent_and_may_take_longer_than_the_time_limit(string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var file = new Pipe();
        backend.Answer = (_, _) => Task.FromResult(new HttpResponseMessage { Content = new StreamContent(file.Reader.AsStream()) });
        await file.Writer.WriteAsync("first"u8.ToArray());

        using var client = site.CreateClient();
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
        var download = await answer.Content.ReadAsStreamAsync();

        Assert.Equal("first", await ReadAsync(download, 5));
        site.Time.Advance(TimeSpan.FromHours(1));
        await file.Writer.WriteAsync("second"u8.ToArray());
        await file.Writer.CompleteAsync();
        Assert.Equal("second", await ReadAsync(download, 6));
    }

    [Theory, InlineData(ThroughEndpoint), InlineData(ThroughProxy)]
    public async Task An_upload_reaches_the_backend_while_it_is_read(string path)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var (file, arrived) = (new Pipe(), new Pipe());
        backend.Answer = async (request, cancellationToken) =>
        {
            await request.Content!.CopyToAsync(arrived.Writer.AsStream(), cancellationToken);
            return new();
        };
        await file.Writer.WriteAsync("first"u8.ToArray());

        var asked = UploadAsync(browser, path, file.Reader.AsStream());

        Assert.Equal("first", await ReadAsync(arrived.Reader.AsStream(), 5));
        await file.Writer.WriteAsync("second"u8.ToArray());
        await file.Writer.CompleteAsync();
        Assert.Equal("second", await ReadAsync(arrived.Reader.AsStream(), 6));
        (await asked.WaitAsync(Patience)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory, InlineData(ThroughEndpoint, HttpStatusCode.ServiceUnavailable), InlineData(ThroughProxy, HttpStatusCode.Unauthorized)]
    public async Task An_upload_whose_token_is_refused_is_not_repeated_and_the_next_one_has_a_new_token(string path, HttpStatusCode status)
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        RefuseTokenOf(site, browser);

        foreach (var file in new[] { new UnknownLength(3), (Stream)new MemoryStream(new byte[2_000_000]) })
        {
            var refreshes = site.RefreshCalls;
            (await UploadAsync(browser, path, file)).ShouldBe(status);
            (await UploadAsync(browser, path, new UnknownLength(3))).ShouldBe(HttpStatusCode.OK);
            Assert.Equal(refreshes + 1, site.RefreshCalls);
            site.Time.Advance(TimeSpan.FromSeconds(10));
            RefuseTokenOf(site, browser);
        }

        Assert.Equal(4, backend.Calls.Count);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task An_upload_that_is_too_long_is_no_outage(bool saysItsLength)
    {
        backend.Answer = async (request, cancellationToken) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, cancellationToken);
            return new();
        };
        await using var site = NewSite()
            .WithEndpoints(endpoints =>
                endpoints
                    .MapPost("/short", (IItemsApi api, HttpRequest request) => api.UploadAsync(request.Body))
                    .WithMetadata(new RequestSizeLimitAttribute(100_000))
            )
            .OnARealPort();

        var answer = await site.NewBrowserOnItsPort()
            .SendAsync(
                new(HttpMethod.Post, "/short")
                {
                    Content = new StreamContent(saysItsLength ? new MemoryStream(new byte[200_000]) : new UnknownLength(200_000)),
                },
                [("Accept", "text/html")]
            );

        answer.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("<h1>Too much data</h1>", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_body_of_a_script_is_sent_again_with_the_new_token()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var bodies = RefuseTokenOf(site, browser);

        (await browser.PostAsync("/api/backend/items", new Item("of a script"))).ShouldBe(HttpStatusCode.OK);

        Assert.Equal(["""{"name":"of a script"}""", """{"name":"of a script"}"""], bodies);
        Assert.Equal(1, site.RefreshCalls);
    }

    private TestSite NewSite() => backend.NewSite().With("Backend:ProxyPrefixes:0", "/items");

    /// <summary>Refuses the token that the browser has now, after the whole body has arrived.</summary>
    private List<string> RefuseTokenOf(TestSite site, TestBrowser browser)
    {
        var (refused, bodies) = (site.TicketOf(browser)!.Tokens.AccessToken, new List<string>());
        backend.Answer = async (request, cancellationToken) =>
        {
            using var body = new MemoryStream();
            await request.Content!.CopyToAsync(body, cancellationToken);
            bodies.Add(Encoding.UTF8.GetString(body.ToArray()));
            return new(request.Headers.Authorization?.Parameter == refused ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);
        };
        return bodies;
    }

    private static Task<HttpResponseMessage> UploadAsync(TestBrowser browser, string path, Stream file) =>
        browser.SendAsync(new(HttpMethod.Post, path) { Content = new StreamContent(file) });

    private static async Task<string> ReadAsync(Stream stream, int length)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes).AsTask().WaitAsync(Patience);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A file whose length is not known.</summary>
    private sealed class UnknownLength(int length) : MemoryStream(new byte[length])
    {
        public override bool CanSeek => false;
    }
}
