using System.Net;
using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>The .http file of a site: each request in it succeeds, in the order in which they are written.</summary>
public sealed partial class HttpFileTests(TemplatePackage package)
{
    [Theory]
    [InlineData("custom", "true")]
    [InlineData("identity", "false")]
    public async Task Its_requests_succeed(string backend, string redis)
    {
        var site = await package.GenerateAsync("Acme.Web", OptionTests.Options(backend, account: "true", redis: redis));
        var text = File.ReadAllText(Path.Combine(site.SiteFolder, $"{site.FileName}.http"));
        var variables = Variable().Matches(text).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.Contains($"\"{variables["host"]}\"", File.ReadAllText(Path.Combine(site.SiteFolder, "Properties", "launchSettings.json")));
        await using var running = await RunningSite.StartAsync(
            site,
            new Dictionary<string, string?> { ["Backend__ProxyPrefixes__0"] = variables["me"] }
        );
        variables["host"] = running.BaseAddress.ToString().TrimEnd('/');
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var answers = new Dictionary<string, HttpStatusCode>();

        foreach (var request in text.Split("\n### ")[1..])
        {
            using var message = Parse(UsedVariable().Replace(request, name => variables[name.Groups[1].Value]));
            using var answer = await client.SendAsync(message);
            answers[$"{message.Method} {message.RequestUri!.AbsolutePath}"] = answer.StatusCode;
        }

        Assert.Equal(
            new Dictionary<string, HttpStatusCode>
            {
                ["GET /health/live"] = HttpStatusCode.OK,
                ["GET /health/ready"] = HttpStatusCode.OK,
                ["POST /api/auth/login"] = HttpStatusCode.OK,
                ["GET /app"] = HttpStatusCode.OK,
                ["POST /api/auth/refresh"] = HttpStatusCode.OK,
                [$"GET /api/backend{variables["me"]}"] = HttpStatusCode.OK,
                ["POST /api/auth/logout"] = HttpStatusCode.NoContent,
            },
            answers
        );
    }

    /// <param name="request">A title, the method with the address, headers, and after an empty line the body.</param>
    private static HttpRequestMessage Parse(string request)
    {
        var parts = request.Trim().Split("\n\n", 2);
        var lines = parts[0].Split('\n')[1..];
        var body = parts.ElementAtOrDefault(1)?.Trim() ?? "";
        var message = new HttpRequestMessage(new(lines[0].Split(' ')[0]), lines[0].Split(' ')[1]) { Content = new StringContent(body) };
        foreach (var header in lines[1..].Select(line => line.Split(": ", 2)))
        {
            if (header[0] is "Content-Type")
                message.Content.Headers.ContentType = new(header[1]);
            else
                message.Headers.Add(header[0], header[1]);
        }

        return message;
    }

    [GeneratedRegex("^@(.+) = (.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\{\{(.+?)\}\}")]
    private static partial Regex UsedVariable();
}
