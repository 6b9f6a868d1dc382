using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Stops the start if a setting cannot work, and names the remedy.</summary>
public sealed partial class TokenSessionOptionsValidator(IConfiguration configuration) : IValidateOptions<TokenSessionOptions>
{
    private static readonly PropertyInfo[] Settings = [.. typeof(TokenSessionOptions).GetProperties().Where(property => property.CanWrite)];

    public ValidateOptionsResult Validate(string? name, TokenSessionOptions options)
    {
        var errors = Settings.Select(setting => ErrorOf(setting.Name, setting.GetValue(options))).OfType<string>().ToList();

        string[] chosen = [options.RefreshTokenCookie, options.AccessTokenCookie, options.SessionCookie];
        string[] others =
        [
            options.UserCookie,
            options.ProbeCookie,
            options.PendingSignInCookie,
            options.KeptFormCookie,
            options.AntiforgeryCookie,
        ];
        if (
            chosen.Distinct(StringComparer.OrdinalIgnoreCase).Count() < chosen.Length
            || chosen.Append(options.TicketCookie).Intersect(others, StringComparer.OrdinalIgnoreCase).Any()
        )
        {
            errors.Add(
                "TokenSession:RefreshTokenCookie, TokenSession:AccessTokenCookie and TokenSession:SessionCookie are "
                    + $"{string.Join(", ", chosen)}; set three different names. Other cookies of this site have the names "
                    + $"{string.Join(", ", others)}."
            );
        }

        var (client, account, address) = (options.FailedSignInsPerClient, options.FailedSignInsPerAccount, options.FailedSignInsPerAddress);
        if (client < 1 || Math.Min(account, address) < client || options.FailedSignInPeriod.TotalMilliseconds < Math.Max(account, address))
        {
            errors.Add(
                $"TokenSession:FailedSignInsPerClient is {client}, TokenSession:FailedSignInsPerAccount is {account} and "
                    + $"TokenSession:FailedSignInsPerAddress is {address} in a TokenSession:FailedSignInPeriod of {options.FailedSignInPeriod}; "
                    + "set the first limit to at least 1, the other two to at least the first, and none to more than one failure per millisecond."
            );
        }

        var known = Settings.Select(setting => setting.Name).ToList();
        var given = configuration.GetSection(TokenSessionOptions.Section).GetChildren().Select(setting => setting.Key);
        foreach (var unknown in given.Except(known.Concat(RenamedSettings.OldNames), StringComparer.OrdinalIgnoreCase))
        {
            errors.Add($"TokenSession:{unknown} does not exist; the settings are {string.Join(", ", known)}.");
        }

        return errors.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static string? ErrorOf(string setting, object? value)
    {
        var max = setting is "GracePeriod" or "IdleTimeout" or "AbsoluteTimeout" ? TimeSpan.FromDays(3650) : TimeSpan.FromHours(1);
        var remedy = (setting, value) switch
        {
            (_, TimeSpan duration) when duration <= TimeSpan.Zero || duration > max =>
                $"set a duration above zero and up to {max}, for example 00:00:30 for 30 seconds (30 alone means 30 days).",
            ("CookiePrefix" or "RefreshTokenCookie" or "AccessTokenCookie" or "SessionCookie", _)
                when !CookieName().IsMatch(value as string ?? "") =>
                "use 1 to 80 ASCII letters, digits, '-' or '_', without '__Host-' or '__Secure-' at the beginning: the site adds the "
                    + "prefix.",
            ("BasePath" or "LoginPage" or "LogoutPage" or "HomePage", _) when value is not string { Length: > 1 } path || !IsPath(path) =>
                "set a path that begins with '/' and does not end with '/', such as /login.",
            ("DefaultReturnPath", string path) when path is not "/" && !IsPath(path) => "set a path of this site such as /orders.",
            _ => null,
        };
        return remedy is null ? null : $"TokenSession:{setting} is '{value}'; {remedy}";
    }

    private static bool IsPath(string path) =>
        path.StartsWith('/') && !path.EndsWith('/') && !path.AsSpan().ContainsAny("?#{}") && ReturnUrl.Local(path, otherwise: "") == path;

    [GeneratedRegex(@"^(?!__(Host|Secure)-)[A-Za-z0-9_-]{1,80}\z", RegexOptions.IgnoreCase)]
    private static partial Regex CookieName();
}
