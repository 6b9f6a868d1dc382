namespace TokenSessionSite.Session;

/// <summary>What the response does to the browser's cookies.</summary>
internal enum CookieChange
{
    None,
    Write,
    Delete,
}
