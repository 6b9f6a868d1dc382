using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using TokenSessionSite.Tests.Infrastructure;

namespace TokenSessionSite.Tests.Session;

/// <summary>Bodies that are too long or too slow, on a real port: the server in memory has no limits.</summary>
public sealed class BodyTests
{
    [Theory]
    [InlineData("/api/auth/login"), InlineData("/api/auth/refresh"), InlineData("/api/auth/logout"), InlineData("/login"), InlineData("/logout")]
    public async Task A_long_body_is_cut_off(string path)
    {
        await using var site = new TestSite().OnARealPort();
        using var client = site.CreateClient();

        foreach (var type in new[] { "application/json", "application/x-www-form-urlencoded" })
        {
            using var content = new ByteArrayContent(Encoding.ASCII.GetBytes($"a={new string('x', 3_000_000)}"));
            content.Headers.ContentType = new(type);
            using var answer = await client.PostAsync(path, content);
            answer.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        }
    }

    [Fact]
    public async Task A_long_body_that_does_not_say_so_is_cut_off_where_it_is_read()
    {
        await using var site = new TestSite().OnARealPort();
        using var client = site.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/login")
        {
            Content = JsonContent.Create(new { email = "demo@example.com", password = new string('x', 3_000_000) }),
        };
        request.Headers.TransferEncodingChunked = true;

        using var answer = await client.SendAsync(request);

        answer.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        Assert.Equal(0, site.Calls("/auth/login"));
    }

    [Theory]
    [InlineData("/api/auth/login", "application/json", "408"), InlineData("/login", "application/x-www-form-urlencoded", "400")]
    public async Task A_body_that_does_not_come_is_not_waited_for(string path, string type, string status)
    {
        await using var site = new TestSite().OnARealPort();
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, site.ClientOptions.BaseAddress.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 1000\r\n\r\n{{"));

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var reader = new StreamReader(stream);
        Assert.StartsWith($"HTTP/1.1 {status}", await reader.ReadLineAsync(patience.Token), StringComparison.Ordinal);
    }
}
