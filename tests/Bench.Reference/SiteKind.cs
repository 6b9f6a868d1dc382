namespace Bench.Reference;

/// <summary>How the site knows who asks; the setting <c>Kind</c>.</summary>
public enum SiteKind
{
    /// <summary>It does not.</summary>
    Anonymous,

    /// <summary>ASP.NET Core's cookie authentication as it comes, without tokens.</summary>
    Cookie,

    /// <summary>The way of the blogs: tokens in the ticket, looked at and refreshed in OnValidatePrincipal.</summary>
    Tokens,
}
