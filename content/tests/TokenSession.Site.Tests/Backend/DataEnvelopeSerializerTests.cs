using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace Tests.Backend;

/// <summary>How the bodies of responses are read.</summary>
public sealed class DataEnvelopeSerializerTests
{
    [Theory]
    [
        InlineData("""{"id":"1","email":"é"}"""),
        InlineData("""{"data":{"id":"1","email":"é"}}"""),
        InlineData("""{"data":{"id":"1","email":"é"},"meta":{"total":1}}""")
    ]
    public async Task A_value_is_bare_or_in_an_envelope(string body) => Assert.Equal(new("1", "é"), await ReadAsync<BackendUser>(body));

    [Theory]
    [InlineData("""[{"id":"1"},{"id":2}]"""), InlineData("""{"data":[{"id":"1"},{"id":2}]}""")]
    public async Task A_list_is_bare_or_in_an_envelope(string body)
    {
        Assert.Equal([new("1", null), new("2", null)], await ReadAsync<BackendUser[]>(body) ?? []);
        Assert.Equal([new("1", null), new("2", null)], await ReadAsync<List<BackendUser>>(body) ?? []);
    }

    [Fact]
    public async Task A_type_with_a_property_for_the_envelope_gets_all_of_it()
    {
        var page = await ReadAsync<Page>("""{"data":[1,2],"total":9}""");
        Assert.Equal((2, 9), (page?.Data.Length, page?.Total));
    }

    [Theory]
    [InlineData(""), InlineData(" \r\n"), InlineData("null"), InlineData("""{"data":null}""")]
    public async Task Nothing_is_null_where_the_type_allows_it(string body)
    {
        Assert.Null(await ReadAsync<BackendUser>(body));
        Assert.Null(await ReadAsync<int?>(body));
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync<int>(body));
    }

    [Theory]
    [InlineData("<html>"), InlineData("secret"), InlineData("{"), InlineData("{}{}"), InlineData("""{"data":"secret"}""")]
    public async Task A_body_that_does_not_fit_is_a_json_exception_without_its_values(string body)
    {
        var exception = await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync<BackendUser>(body));
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null), InlineData("utf-8"), InlineData("utf8"), InlineData("iso-8859-1"), InlineData("nonsense")]
    public async Task Json_is_utf_8_with_any_charset_in_the_header_and_may_have_a_byte_order_mark(string? charset)
    {
        foreach (var mark in new byte[][] { [], Encoding.UTF8.GetPreamble() })
        {
            var content = new ByteArrayContent([.. mark, .. """{"id":"1","email":"é"}"""u8]);
            content.Headers.ContentType = new("application/json") { CharSet = charset };
            Assert.Equal(new("1", "é"), await new DataEnvelopeSerializer().FromHttpContentAsync<BackendUser>(content));
        }
    }

    [Fact]
    public async Task A_text_that_is_not_utf_8_loses_characters_and_does_not_fail()
    {
        var content = new ByteArrayContent(Encoding.Latin1.GetBytes("""{"id":"1","email":"é"}"""));
        Assert.Equal(new("1", "\ufffd"), await new DataEnvelopeSerializer().FromHttpContentAsync<BackendUser>(content));
    }

    [Theory]
    [InlineData(HttpStatusCode.NoContent, "", false), InlineData(HttpStatusCode.OK, "", false), InlineData(HttpStatusCode.OK, "", true)]
    [InlineData(HttpStatusCode.OK, "null", true), InlineData(HttpStatusCode.OK, "{\"data\":null}", false)]
    public async Task A_data_call_without_a_result_is_null(HttpStatusCode status, string body, bool isChunked)
    {
        var content = isChunked ? new StreamContent(new UnknownLength(body)) : (HttpContent)new StringContent(body);
        Assert.Equal(isChunked, content.Headers.ContentLength is null);

        await using var services = new ServiceCollection()
            .AddRefitGeneratedClient<IBackendApi>(new RefitSettings(new DataEnvelopeSerializer()))
            .ConfigureHttpClient(client => client.BaseAddress = new("https://backend.test"))
            .ConfigurePrimaryHttpMessageHandler(() => new OneAnswer(new(status) { Content = content }))
            .Services.BuildServiceProvider();

        Assert.Null(await services.GetRequiredService<IBackendApi>().GetMeAsync());
    }

    private static Task<T?> ReadAsync<T>(string body) => new DataEnvelopeSerializer().FromHttpContentAsync<T>(new StringContent(body));

    private sealed record Page(int[] Data, int Total);

    private sealed class OneAnswer(HttpResponseMessage response) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(response);
    }

    /// <summary>A body whose length is not known before its end, such as a chunked body.</summary>
    private sealed class UnknownLength(string body) : MemoryStream(Encoding.UTF8.GetBytes(body))
    {
        public override bool CanSeek => false;
    }
}
