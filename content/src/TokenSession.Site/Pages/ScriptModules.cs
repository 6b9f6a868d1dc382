using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace TokenSessionSite.Pages;

/// <summary>The modules that other modules import. The layout writes an import map, so that a browser imports each under its name with a
/// fingerprint and keeps it for ever, and preloads them. A browser without import maps uses the name without the fingerprint.</summary>
public sealed class ScriptModules
{
    private static readonly string[] Names = ["token-session.js", "session-state.js", "session-requests.js", "session-page.js"];

    // All pages of a site have the same modules and, as a rule, the same path base: the latest value is enough.
    private static ScriptModules? latest;

    private readonly ResourceAssetCollection assets;
    private readonly PathString pathBase;

    private ScriptModules(ResourceAssetCollection assets, PathString pathBase)
    {
        this.assets = assets;
        this.pathBase = pathBase;
        Paths = [.. Names.Select(name => PathOf(assets[$"js/{name}"]))];

        // The framework's own import map is relative to the page. This one is valid for each page.
        ImportMap = JsonSerializer.Serialize(new { imports = Names.Select(name => PathOf($"js/{name}")).Zip(Paths).ToDictionary() });
        ContentSecuritySource = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(ImportMap)))}'";
    }

    /// <summary>The paths with fingerprints.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>JSON, as it stands in the script element.</summary>
    public string ImportMap { get; }

    /// <summary>The import map is a script in the page: this source of the Content-Security-Policy allows it.</summary>
    public string ContentSecuritySource { get; }

    /// <summary>The modules for the page of this request. From here on, its Content-Security-Policy allows the import map.</summary>
    public static ScriptModules For(HttpContext context)
    {
        var assets = context.GetEndpoint()?.Metadata.GetMetadata<ResourceAssetCollection>() ?? ResourceAssetCollection.Empty;
        var pathBase = context.Request.PathBase;
        var modules = latest;
        if (modules is null || modules.assets != assets || !modules.pathBase.Equals(pathBase, StringComparison.Ordinal))
        {
            latest = modules = new(assets, pathBase);
        }

        context.Features.Set(modules);
        return modules;
    }

    private string PathOf(string file) => pathBase.Add($"/{file}").ToString();
}
