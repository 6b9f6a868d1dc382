using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Stops the start on a setting that cannot work, and names the remedy.</summary>
public sealed partial class TokenSessionOptionsValidator(IConfiguration configuration) : IValidateOptions<TokenSessionOptions>
{
    private static readonly TimeSpan AnHour = TimeSpan.FromHours(1),
        TenYears = TimeSpan.FromDays(3650);

    public ValidateOptionsResult Validate(string? name, TokenSessionOptions options)
    {
        var errors = new List<string>();

        Duration(options.RefreshBeforeExpiration, AnHour, nameof(options.RefreshBeforeExpiration));
        Duration(options.RefreshTimeout, AnHour, nameof(options.RefreshTimeout));
        Duration(options.SignInTimeout, AnHour, nameof(options.SignInTimeout));
        Duration(options.RefreshRetryDelay, AnHour, nameof(options.RefreshRetryDelay));
        Duration(options.MaxRetryAfter, AnHour, nameof(options.MaxRetryAfter));
        Duration(options.GracePeriod ?? AnHour, TenYears, nameof(options.GracePeriod));
        Duration(options.IdleTimeout, TenYears, nameof(options.IdleTimeout));
        Duration(options.AbsoluteTimeout, TenYears, nameof(options.AbsoluteTimeout));
        Duration(options.FailedSignInPeriod, AnHour, nameof(options.FailedSignInPeriod));
        LocalPath(options.BasePath, nameof(options.BasePath));
        LocalPath(options.LoginPage, nameof(options.LoginPage));
        LocalPath(options.LogoutPage, nameof(options.LogoutPage));
        LocalPath(options.HomePage, nameof(options.HomePage));
        LocalPath(options.DefaultReturnPath ?? "/", nameof(options.DefaultReturnPath), mayBeRoot: true);
        CookieName(options.CookiePrefix, nameof(options.CookiePrefix));
        CookieName(options.RefreshTokenCookie, nameof(options.RefreshTokenCookie));
        CookieName(options.AccessTokenCookie, nameof(options.AccessTokenCookie));
        CookieName(options.SessionCookie, nameof(options.SessionCookie));

        string[] cookies = [options.RefreshTokenCookie, options.AccessTokenCookie, options.SessionCookie];
        if (cookies.Distinct(StringComparer.OrdinalIgnoreCase).Count() < cookies.Length)
        {
            errors.Add(
                "TokenSession:RefreshTokenCookie, TokenSession:AccessTokenCookie and TokenSession:SessionCookie are not three different "
                    + $"names ({string.Join(", ", cookies)}); give each cookie its own."
            );
        }

        if (
            options.FailedSignInsPerClient < 1
            || options.FailedSignInsPerAccount < options.FailedSignInsPerClient
            || options.FailedSignInsPerAddress < options.FailedSignInsPerClient
            || options.FailedSignInPeriod.TotalMilliseconds < Math.Max(options.FailedSignInsPerAccount, options.FailedSignInsPerAddress)
        )
        {
            errors.Add(
                $"TokenSession:FailedSignInsPerClient is {options.FailedSignInsPerClient}, TokenSession:FailedSignInsPerAccount is "
                    + $"{options.FailedSignInsPerAccount} and TokenSession:FailedSignInsPerAddress is {options.FailedSignInsPerAddress} in a "
                    + $"TokenSession:FailedSignInPeriod of {options.FailedSignInPeriod}; set the client to at least 1, the other two to no less "
                    + "than the client, and none to more than one failure a millisecond."
            );
        }

        var known = typeof(TokenSessionOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);
        foreach (
            var section in configuration
                .GetSection(TokenSessionOptions.Section)
                .GetChildren()
                .ExceptBy(known.Concat(RenamedSettings.OldNames), section => section.Key, StringComparer.OrdinalIgnoreCase)
        )
        {
            errors.Add($"TokenSession:{section.Key} does not exist; the settings are {string.Join(", ", known)}.");
        }

        return errors.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Duration(TimeSpan value, TimeSpan max, string setting)
        {
            if (value <= TimeSpan.Zero || value > max)
            {
                errors.Add(
                    $"TokenSession:{setting} is {value}; set a duration above zero and up to {max}, for example 00:00:30 for 30 seconds "
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
                    $"TokenSession:{setting} is '{value}'; set a path such as /login, that begins with '/' and does not end with it."
                );
            }
        }

        void CookieName(string? value, string setting)
        {
            if (!ValidCookieName().IsMatch(value ?? ""))
            {
                errors.Add(
                    $"TokenSession:{setting} is '{value}'; use 1 to 80 ASCII letters, digits, '-' or '_', without '__Host-' or '__Secure-' "
                        + "at the start: the site adds that."
                );
            }
        }
    }

    [GeneratedRegex(@"^(?!__(Host|Secure)-)[A-Za-z0-9_-]{1,80}\z", RegexOptions.IgnoreCase)]
    private static partial Regex ValidCookieName();
}
