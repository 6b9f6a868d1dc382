using System.Net;

namespace Template.Tests.Infrastructure;

public sealed record SiteAnswer(
    HttpStatusCode Status,
    string Body,
    string? Location,
    IReadOnlyList<string> SetCookies,
    TimeSpan? RetryAfter
)
{
    public bool IsRedirect => Status is HttpStatusCode.Redirect or HttpStatusCode.SeeOther;

    public static async Task<SiteAnswer> ReadAsync(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response.Headers.Location?.OriginalString,
            response.Headers.TryGetValues("Set-Cookie", out var cookies) ? [.. cookies] : [],
            response.Headers.RetryAfter?.Delta
        );

    public override string ToString() => $"{(int)Status} {Location} {string.Join(" | ", SetCookies)}\n{Body}";
}
