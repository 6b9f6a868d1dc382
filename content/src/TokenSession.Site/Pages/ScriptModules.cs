using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Mvc;

namespace TokenSessionSite.Pages;

/// <summary>The modules that other modules import. The layout writes an import map, so that a browser imports each under its name with a
/// fingerprint and keeps it for ever, and preloads them. A browser without import maps uses the name without the fingerprint.</summary>
public static class ScriptModules
{
    private static readonly string[] Names = ["token-session.js", "session-state.js", "session-requests.js", "session-page.js"];

    /// <summary>The framework's own import map is relative to the page. This one is valid for each page.</summary>
    public static ImportMapDefinition ImportMap(IUrlHelper url)
    {
        var assets = url.ActionContext.HttpContext.GetEndpoint()?.Metadata.GetMetadata<ResourceAssetCollection>();
        return new(
            Names.ToDictionary(
                name => url.Content($"~/js/{name}"),
                name => url.Content($"~/{(assets ?? ResourceAssetCollection.Empty)[$"js/{name}"]}")
            ),
            scopes: null,
            integrity: null
        );
    }
}
