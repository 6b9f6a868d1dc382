using System.Text.Json;

namespace Template.Tests.Directus;

/// <summary>One line of Directus' request log. The status is null when the caller left before the answer.</summary>
public sealed record DirectusCall(string Method, string Url, int? Status, bool HasAuthorization)
{
    public bool Is(string method, string path) => Method == method && Url.Split('?')[0] == path;

    public static IReadOnlyList<DirectusCall> ReadAll(string file)
    {
        using var log = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. log.ReadToEnd().Split('\n').Select(Parse).OfType<DirectusCall>()];
    }

    private static DirectusCall? Parse(string line)
    {
        if (!line.StartsWith('{') || !line.EndsWith('}'))
            return null;
        using var entry = JsonDocument.Parse(line);
        if (!entry.RootElement.TryGetProperty("req", out var request) || !entry.RootElement.TryGetProperty("res", out var response))
            return null;
        return new DirectusCall(
            request.GetProperty("method").GetString()!,
            request.GetProperty("url").GetString()!,
            response.GetProperty("statusCode").Deserialize<int?>(),
            request.GetProperty("headers").TryGetProperty("authorization", out _)
        );
    }
}
