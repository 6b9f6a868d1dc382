using System.Globalization;
using System.Net.Http.Headers;

namespace TokenSessionSite.Session;

public static class RetryAfterExtensions
{
    /// <summary>Sets the <c>Retry-After</c> header (RFC 9110, 10.2.3) and returns it: whole seconds, at least one.</summary>
    public static int SetRetryAfter(this HttpResponse response, TimeSpan? wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait?.TotalSeconds ?? 1));
        response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return seconds;
    }

    /// <summary>Reads the header of another server, which is a number of seconds or a date.</summary>
    public static TimeSpan? ToDelay(this RetryConditionHeaderValue? header, TimeProvider time) =>
        header?.Delta ?? (header?.Date - time.GetUtcNow());
}
