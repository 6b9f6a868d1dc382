using Microsoft.Extensions.Options;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Where the backend is: the section <c>Backend</c> of the configuration.</summary>
public sealed class BackendOptions
{
    public const string Section = "Backend";

    /// <summary>The address of the API, http or https, with a path if it has one: <c>https://api.example.com/v1</c>. Empty in Development:
    /// the demo backend inside this process. Empty elsewhere: the site does not start.</summary>
    public string? Url { get; set; }

    /// <summary>What scripts may reach of the backend through this site (<see cref="BackendProxy"/>): the beginnings of paths, compared
    /// segment by segment, such as <c>/items</c>. Default none.</summary>
    public string[] ProxyPrefixes { get; set; } = [];

    public bool IsDemo => string.IsNullOrWhiteSpace(Url);
}

/// <summary>Stops the start on an address that cannot work, and says what to write instead.</summary>
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
                $"Backend:ProxyPrefixes has '{wrong}'; write the beginning of a path of the API, such as /items. "
                    + "There is no prefix for everything: it would let scripts reach whatever the API has."
            );
        }

        if (options.IsDemo)
        {
            return environment.IsDevelopment()
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    $"No backend is configured for the environment {environment.EnvironmentName}. Set Backend:Url (as an environment variable: "
                        + "Backend__Url=https://api.example.com). The demo backend answers in Development only."
                );
        }

        return
            Uri.TryCreate(options.Url, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url is { Query: "", Fragment: "", UserInfo: "" }
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "Backend:Url is no address of an API; write http:// or https://, a host, and a path if there is one: "
                    + "https://api.example.com/v1"
            );
    }
}
