namespace TokenSessionSite.Session;

/// <summary>Where a user goes after sign-in: always a path of this site (OWASP: unvalidated redirects).</summary>
public static class ReturnUrl
{
    public const string Parameter = "returnTo";

    private const int MaxLength = 2_000;

    /// <summary>
    /// Returns <paramref name="returnTo"/> if it is a local path, otherwise <paramref name="otherwise"/>. Browsers read <c>\</c> as
    /// <c>/</c> and remove tabs and line breaks (WHATWG URL), so a path that contains them is not local. A path is not local either if it
    /// becomes <c>//host</c> when a server resolves dots and percent-encoding. Some servers also read <c>..;x</c> as <c>..</c>, and
    /// full-width characters as a dot or a slash.
    /// </summary>
    public static string Local(string? returnTo, string otherwise) => IsLocal(returnTo) ? returnTo! : otherwise;

    /// <summary>Returns the path and query of this request, as the address to return to; null if it is not a local path.</summary>
    public static string? Of(HttpRequest request)
    {
        var url = request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + request.QueryString;
        return IsLocal(url) ? url : null;
    }

    private static bool IsLocal(string? url)
    {
        if (url is null or { Length: > MaxLength } || !url.StartsWith('/') || url.Any(c => c is '\\' or <= ' ' or > '~'))
        {
            return false;
        }

        // A proxy or a server may decode the path again. After each decoding, it must still lead to this site.
        var path = url;
        for (var reading = 0; reading < 4; reading++)
        {
            if (!StaysHere(path))
            {
                return false;
            }

            if (!path.Contains('%'))
            {
                break;
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
