using Microsoft.AspNetCore.Mvc.RazorPages;

namespace TokenSessionSite.Session;

/// <summary>Says of a page or an endpoint whether the session is refreshed, if need be, before it runs. Without it: pages yes, anything
/// else (assets, health probes, your own endpoints) no.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class RefreshSessionAttribute(bool refresh = true) : Attribute
{
    public bool Refresh => refresh;
}

internal static class RefreshSessionExtensions
{
    /// <summary>Whether the answer to this request differs with the session; assets, for one, are the same for everybody.</summary>
    public static bool DependsOnSession(this HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<RefreshSessionAttribute>() is not null || context.IsPage());

    /// <summary>What a person looks at, and not a script.</summary>
    public static bool IsPage(this HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<PageActionDescriptor>() is not null;

    /// <summary>A prefetch or a prerendering changes nothing: nobody may ever look at its answer.</summary>
    public static bool IsPrefetch(this HttpContext context) =>
        context.Request.Headers["Sec-Purpose"].ToString().StartsWith("prefetch", StringComparison.OrdinalIgnoreCase);

    public static bool WantsFreshSession(this HttpContext context) =>
        context.DependsOnSession()
        && context.GetEndpoint()!.Metadata.GetMetadata<RefreshSessionAttribute>() is not { Refresh: false }
        && !context.IsPrefetch();
}
