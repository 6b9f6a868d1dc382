using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Stops the start on a setting that cannot work, and says what to write instead.</summary>
public sealed partial class TokenSessionOptionsValidator(IConfiguration configuration) : IValidateOptions<TokenSessionOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenSessionOptions options)
    {
        var errors = new List<string>();

        Positive(options.RefreshBefore, nameof(options.RefreshBefore));
        Positive(options.RefreshTimeout, nameof(options.RefreshTimeout));
        Positive(options.CoolDown, nameof(options.CoolDown));
        Positive(options.RetryAfterCap, nameof(options.RetryAfterCap));
        Positive(options.Grace ?? TimeSpan.MaxValue, nameof(options.Grace));
        Positive(options.IdleTimeout, nameof(options.IdleTimeout));
        Positive(options.AbsoluteTimeout, nameof(options.AbsoluteTimeout));
        LocalPath(options.BasePath, nameof(options.BasePath));
        LocalPath(options.LoginPath, nameof(options.LoginPath));
        LocalPath(options.LogoutPath, nameof(options.LogoutPath));
        LocalPath(options.HomePath, nameof(options.HomePath));

        if (!CookieName().IsMatch(options.CookiePrefix))
        {
            errors.Add($"TokenSession:CookiePrefix is '{options.CookiePrefix}'; use 1 to 64 ASCII letters, digits, '-' or '_', "
                + "without '__Host-' or '__Secure-' in front: the site adds that by itself.");
        }

        var known = typeof(TokenSessionOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);
        foreach (var section in configuration.GetSection(TokenSessionOptions.Section).GetChildren()
            .ExceptBy(known, section => section.Key, StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"TokenSession:{section.Key} does not exist; the settings are {string.Join(", ", known)}.");
        }

        return errors.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Positive(TimeSpan value, string setting)
        {
            if (value <= TimeSpan.Zero)
            {
                errors.Add($"TokenSession:{setting} is {value}; give a time above zero, for example 00:00:30 for 30 seconds.");
            }
        }

        void LocalPath(string value, string setting)
        {
            if (!value.StartsWith('/') || value.EndsWith('/') || ReturnUrl.Local(value, otherwise: "") != value)
            {
                errors.Add($"TokenSession:{setting} is '{value}'; give a path of this site such as /login, with a '/' in front and none "
                    + "at the end.");
            }
        }
    }

    [GeneratedRegex(@"^(?!__(Host|Secure)-)[A-Za-z0-9_-]{1,64}\z", RegexOptions.IgnoreCase)]
    private static partial Regex CookieName();
}
