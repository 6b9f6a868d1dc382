using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Tests bodies that are too long or too slow. It uses a real port, because the server in memory has no limits.</summary>
public sealed class RequestBodyTests
{
    public static readonly TheoryData<string> Paths = ["/api/auth/login", "/api/auth/refresh", "/api/auth/logout", "/login", "/logout"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_long_body_is_cut_off(string path)
    {
        await using var site = new TestSite().OnARealPort();
        foreach (var type in new[] { "application/json", "application/x-www-form-urlencoded" })
        {
            Assert.StartsWith(
                "HTTP/1.1 413",
                await SendAsync(site, path, $"Content-Type: {type}\r\nContent-Length: 3000000", "{"),
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_long_body_without_a_length_is_cut_off_too(string path)
    {
        await using var site = new TestSite().OnARealPort();

        // One byte more than the limit, in one chunk (RFC 9112, 7.1).
        const int Length = CredentialsRequestAttribute.MaxBytes + 1;
        var body = $"{Length:x}\r\n{new string('x', Length)}\r\n0\r\n\r\n";
        var answer = await SendAsync(site, path, "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked", body);

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/auth/login", "application/json"), InlineData("/login", "application/x-www-form-urlencoded")]
    public async Task A_body_that_does_not_arrive_is_refused(string path, string type)
    {
        await using var site = new TestSite().OnARealPort();
        var answer = await SendAsync(site, path, $"Content-Type: {type}\r\nContent-Length: 1000", "{");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void An_upload_of_another_endpoint_is_not_limited()
    {
        using var site = new TestSite();
        var context = new DefaultHttpContext { RequestServices = site.Services };
        context.SetEndpoint(new(null, new(new RequestSizeLimitAttribute(bytes: 1 << 20)), "upload"));
        context.Request.Body = new Pipe().Reader.AsStream();

        // This pipe never contains data, so a reader waits forever.
        var middleware = ActivatorUtilities.CreateInstance<CredentialsRequestMiddleware>(
            site.Services,
            (RequestDelegate)(_ => Task.CompletedTask)
        );
        Assert.True(middleware.InvokeAsync(context).IsCompletedSuccessfully);
    }

    /// <summary>Returns the first line of the response to a request whose body may never be complete.</summary>
    private static async Task<string?> SendAsync(TestSite site, string path, string headers, string body)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, site.ClientOptions.BaseAddress.Port);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n{body}"));

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(patience.Token);
    }
}
