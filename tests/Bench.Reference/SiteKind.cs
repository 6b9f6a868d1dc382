namespace Bench.Reference;

/// <summary>The kind of authentication: the setting <c>Kind</c>.</summary>
public enum SiteKind
{
    /// <summary>No authentication.</summary>
    Anonymous,

    /// <summary>The plain cookie authentication of ASP.NET Core, without tokens.</summary>
    Cookie,

    /// <summary>The method of many blogs: tokens in the ticket, which OnValidatePrincipal checks and refreshes.</summary>
    Tokens,
}
