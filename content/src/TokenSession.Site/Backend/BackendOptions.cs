using Microsoft.Extensions.Options;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>The settings of the backend: section <c>Backend</c> of the configuration.</summary>
public sealed class BackendOptions
{
    public const string Section = "Backend";

    /// <summary>Address of the API: http or https, with a path if the API has one, such as <c>https://api.example.com/v1</c>. If it is
    /// empty, the site uses the demo backend in Development, and does not start in other environments.</summary>
    public string? Url { get; set; }

    /// <summary>The paths of the backend that scripts can reach through this site (<see cref="BackendProxy"/>). Each entry is the start of
    /// a path, such as <c>/items</c>, and is compared segment by segment. Default: none.</summary>
    public string[] ProxyPrefixes { get; set; } = [];

    public bool IsDemo => string.IsNullOrWhiteSpace(Url);
}

/// <summary>Stops the start of the site if a setting is invalid. The message describes a valid value.</summary>
public sealed class BackendOptionsValidator(IHostEnvironment environment) : IValidateOptions<BackendOptions>
{
    public ValidateOptionsResult Validate(string? name, BackendOptions options)
    {
        if (
            options.ProxyPrefixes.FirstOrDefault(prefix =>
                prefix.Length < 2 || prefix.EndsWith('/') || ReturnUrl.Local(prefix, otherwise: "") != prefix
            ) is
            { } wrong
        )
        {
            return ValidateOptionsResult.Fail(
                $"Backend:ProxyPrefixes contains the invalid value '{wrong}'. Write the start of a path of the API, such as /items. "
                    + "A prefix for all paths is not allowed: scripts could then reach the whole API."
            );
        }

        if (options.IsDemo)
        {
            return environment.IsDevelopment()
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    $"No backend is configured for the environment {environment.EnvironmentName}. Set Backend:Url (environment variable: "
                        + "Backend__Url=https://api.example.com). The demo backend runs in Development only."
                );
        }

        return
            Uri.TryCreate(options.Url, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url is { Query: "", Fragment: "", UserInfo: "" }
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "Backend:Url is not a valid address. Write http:// or https://, a host, and a path if the API has one: "
                    + "https://api.example.com/v1"
            );
    }
}
