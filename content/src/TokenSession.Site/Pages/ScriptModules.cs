using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace TokenSessionSite.Pages;

/// <summary>
/// The script modules that other modules import. The layout preloads them, and writes an import map: browsers load each module under its
/// name with a fingerprint, and never have to request it again. A browser without import maps uses the names without fingerprints.
/// </summary>
public sealed class ScriptModules
{
    private static readonly string[] Names = ["token-session.js", "session-state.js", "session-requests.js", "session-page.js"];

    // All pages of a site have the same modules, and usually the same path base, so the latest value is enough.
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

    /// <summary>The JSON in the script element.</summary>
    public string ImportMap { get; }

    /// <summary>The source of the Content-Security-Policy that allows the import map, which is a script in the page.</summary>
    public string ContentSecuritySource { get; }

    /// <summary>Returns the modules for the page of this request. The Content-Security-Policy of the response then allows the import
    /// map.</summary>
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
