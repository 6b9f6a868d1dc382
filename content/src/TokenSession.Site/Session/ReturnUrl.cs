namespace TokenSessionSite.Session;

/// <summary>Where somebody wanted to go: only ever a path of this site (OWASP: unvalidated redirects).</summary>
public static class ReturnUrl
{
    public const string Parameter = "returnTo";

    private const int LongestAllowed = 2_000;

    /// <summary><paramref name="returnTo"/> when it is a local path, else <paramref name="otherwise"/>. Browsers read <c>\</c> as
    /// <c>/</c> and drop tabs and line breaks (WHATWG URL), so a path with any of these is none, nor is one that becomes
    /// <c>//host</c> once dots or percent-encoding are resolved, also with what some servers cut off first (<c>..;x</c>) or take for a dot or a
    /// slash (full-width ones).</summary>
    public static string Local(string? returnTo, string otherwise) => IsLocal(returnTo) ? returnTo! : otherwise;

    private static bool IsLocal(string? url)
    {
        if (url is null or { Length: > LongestAllowed } || !url.StartsWith('/') || url.Any(c => c is '\\' or <= ' ' or > '~'))
        {
            return false;
        }

        // Decoded as often as anything on the way might decode it; each reading must stay on this site.
        var path = url;
        for (var reading = 0; reading < 4; reading++)
        {
            if (!StaysHere(path))
            {
                return false;
            }

            path = Uri.UnescapeDataString(path);
        }

        return true;
    }

    private static bool StaysHere(string path)
    {
        var end = path.AsSpan().IndexOfAny('?', '#');
        var onlyPath = end < 0 ? path : path[..end];
        return !onlyPath.Contains("//", StringComparison.Ordinal)
            && !onlyPath.Any(c => c is '\\' or '\uFF0E' or '\u3002' or '\uFF0F' || char.IsControl(c))
            && !onlyPath.Split('/').Any(segment => segment.Split(';')[0].Trim() is "." or "..");
    }
}
