using Microsoft.Extensions.Options;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Stops the start of the site if a setting is invalid. The message describes a valid value.</summary>
public sealed class BackendOptionsValidator(IHostEnvironment environment) : IValidateOptions<BackendOptions>
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, BackendOptions options)
    {
        List<string?> errors =
        [
            UrlError(options),
            PrefixError(nameof(BackendOptions.ProxyPrefixes), options.ProxyPrefixes),
            PrefixError(nameof(BackendOptions.FilePrefixes), options.FilePrefixes),
            TimeoutError(nameof(BackendOptions.DataTimeout), options.DataTimeout),
            TimeoutError(nameof(BackendOptions.UploadTimeout), options.UploadTimeout),
        ];
        if (options.DataRetries is < 0 or > 5)
        {
            errors.Add($"Backend:DataRetries is {options.DataRetries}. Set a number from 0 to 5.");
        }

        if (options.MaxRetryAfter < TimeSpan.Zero || options.MaxRetryAfter >= options.DataTimeout)
        {
            errors.Add(
                $"Backend:MaxRetryAfter is {options.MaxRetryAfter}. Set a duration that is less than Backend:DataTimeout "
                    + $"({options.DataTimeout}), for example 00:00:02 for 2 seconds."
            );
        }

        if (options.PublicToken?.AsSpan().ContainsAnyExceptInRange('!', '~') is true)
        {
            errors.Add(
                "Backend:PublicToken contains a space or another character that a token cannot have. Write the token without Bearer."
            );
        }

        var messages = errors.OfType<string>().ToList();
        return messages.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(messages);
    }

    private string? UrlError(BackendOptions options)
    {
        if (options.IsDemo)
        {
            return environment.IsDevelopment()
                ? null
                : $"No backend is configured for the environment {environment.EnvironmentName}. Set Backend:Url (environment variable: "
                    + "Backend__Url=https://api.example.com). The demo backend runs in Development only.";
        }

        return
            Uri.TryCreate(options.Url, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url is { Query: "", Fragment: "", UserInfo: "" }
            ? null
            : "Backend:Url is not a valid address. Write http:// or https://, a host, and a path if the API has one: "
                + "https://api.example.com/v1";
    }

    private static string? PrefixError(string setting, string[] prefixes) =>
        prefixes.FirstOrDefault(prefix => prefix.Length < 2 || prefix.EndsWith('/') || ReturnUrl.Local(prefix, otherwise: "") != prefix)
            is { } wrong
            ? $"Backend:{setting} contains the invalid value '{wrong}'. Write the start of a path of the API, such as /items. "
                + "A prefix for all paths is not allowed: scripts could then reach the whole API."
            : null;

    private static string? TimeoutError(string setting, TimeSpan timeout) =>
        timeout > TimeSpan.Zero && timeout <= MaxTimeout
            ? null
            : $"Backend:{setting} is {timeout}. Set a duration above zero and up to {MaxTimeout}, for example 00:00:10 for 10 seconds "
                + "(10 alone means 10 days).";
}
