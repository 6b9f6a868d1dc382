namespace TokenSessionSite.Session;

/// <summary>
/// Declares what a page or an endpoint needs from the session. Without this attribute, pages and endpoints with authorization metadata
/// (<c>[Authorize]</c>, <c>RequireAuthorization()</c>) get a fresh access token, and only pages that a user opens count as activity.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class SessionEndpointAttribute : Attribute
{
    /// <summary>Whether the session is refreshed, if necessary, before the endpoint runs. Default true.</summary>
    public bool Refresh { get; init; } = true;

    /// <summary>Whether a request to this endpoint is user activity, from which the idle limit counts. Default false.</summary>
    public bool CountsAsActivity { get; init; }
}
