using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Stops the start on a setting that cannot work, and says what to write instead.</summary>
public sealed partial class TokenSessionOptionsValidator(IConfiguration configuration) : IValidateOptions<TokenSessionOptions>
{
    private static readonly TimeSpan AnHour = TimeSpan.FromHours(1),
        TenYears = TimeSpan.FromDays(3650);

    public ValidateOptionsResult Validate(string? name, TokenSessionOptions options)
    {
        var errors = new List<string>();

        Time(options.RefreshBefore, AnHour, nameof(options.RefreshBefore));
        Time(options.RefreshTimeout, AnHour, nameof(options.RefreshTimeout));
        Time(options.CoolDown, AnHour, nameof(options.CoolDown));
        Time(options.RetryAfterCap, AnHour, nameof(options.RetryAfterCap));
        Time(options.Grace ?? AnHour, TenYears, nameof(options.Grace));
        Time(options.IdleTimeout, TenYears, nameof(options.IdleTimeout));
        Time(options.AbsoluteTimeout, TenYears, nameof(options.AbsoluteTimeout));
        Time(options.FailedSignInPeriod, AnHour, nameof(options.FailedSignInPeriod));
        LocalPath(options.BasePath, nameof(options.BasePath));
        LocalPath(options.LoginPath, nameof(options.LoginPath));
        LocalPath(options.LogoutPath, nameof(options.LogoutPath));
        LocalPath(options.HomePath, nameof(options.HomePath), mayBeRoot: true);

        if (!CookieName().IsMatch(options.CookiePrefix ?? ""))
        {
            errors.Add(
                $"TokenSession:CookiePrefix is '{options.CookiePrefix}'; use 1 to 64 ASCII letters, digits, '-' or '_', "
                    + "without '__Host-' or '__Secure-' in front: the site adds that by itself."
            );
        }

        if (
            options.FailedSignInsPerClient < 1
            || options.FailedSignInsPerAccount < options.FailedSignInsPerClient
            || options.FailedSignInPeriod.TotalMilliseconds < options.FailedSignInsPerAccount
        )
        {
            errors.Add(
                $"TokenSession:FailedSignInsPerClient is {options.FailedSignInsPerClient} and TokenSession:FailedSignInsPerAccount is "
                    + $"{options.FailedSignInsPerAccount} in a TokenSession:FailedSignInPeriod of {options.FailedSignInPeriod}; give at least 1, the "
                    + "account no less than a client, and no more than one a millisecond."
            );
        }

        var known = typeof(TokenSessionOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);
        foreach (
            var section in configuration
                .GetSection(TokenSessionOptions.Section)
                .GetChildren()
                .ExceptBy(known, section => section.Key, StringComparer.OrdinalIgnoreCase)
        )
        {
            errors.Add($"TokenSession:{section.Key} does not exist; the settings are {string.Join(", ", known)}.");
        }

        return errors.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Time(TimeSpan value, TimeSpan longest, string setting)
        {
            if (value <= TimeSpan.Zero || value > longest)
            {
                errors.Add(
                    $"TokenSession:{setting} is {value}; give a time above zero and up to {longest}, for example 00:00:30 for 30 seconds "
                        + "(30 alone means 30 days)."
                );
            }
        }

        void LocalPath(string? value, string setting, bool mayBeRoot = false)
        {
            if (
                value is null
                || !value.StartsWith('/')
                || value.AsSpan().ContainsAny("?#{}")
                || ReturnUrl.Local(value, otherwise: "") != value
                || (value.EndsWith('/') && !(mayBeRoot && value is "/"))
            )
            {
                errors.Add(
                    $"TokenSession:{setting} is '{value}'; give a path of this site such as /login, with a '/' in front and none "
                        + "at the end."
                );
            }
        }
    }

    [GeneratedRegex(@"^(?!__(Host|Secure)-)[A-Za-z0-9_-]{1,64}\z", RegexOptions.IgnoreCase)]
    private static partial Regex CookieName();
}
