using System.Globalization;

namespace TokenSessionSite.Session;

/// <summary>The <c>Retry-After</c> header (RFC 9110, 10.2.3), in whole seconds, at least one.</summary>
public static class RetryAfterHeader
{
    public static string Format(TimeSpan? wait) =>
        Math.Max(1, (int)Math.Ceiling((wait ?? TimeSpan.FromSeconds(1)).TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}
