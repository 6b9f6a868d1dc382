using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>The settings of the account pages: section <c>Account</c> of the configuration. Durations are TimeSpans (<c>hh:mm:ss</c>). An
/// invalid value stops the start.</summary>
public sealed class AccountOptions
{
    public const string Section = "Account";

    /// <summary>
    /// The address of this site, for the links in mails, such as <c>https://www.example.com</c>. It is required outside Development if the
    /// backend creates links from it: a client can send any host name, and the links would lead to that host. Default in Development: the
    /// host name of the request.
    /// </summary>
    public string? SiteUrl { get; set; }

    /// <summary>Whether visitors can create accounts, if the backend allows it. Default true.</summary>
    public bool AllowRegistration { get; set; } = true;

    /// <summary>How long the response to a request for a mail takes, with and without an account. The time that the backend takes would
    /// reveal which addresses have an account. Its call continues after the response. Default 2 s.</summary>
    public TimeSpan MailResponseTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many mails to one address a client can request at once, and then in each <see cref="MailPeriod"/>. Default 5.</summary>
    public int MailsPerClient { get; set; } = 5;

    /// <summary>The same for one address and all clients together. Default 10.</summary>
    public int MailsPerAddress { get; set; } = 10;

    /// <summary>The same for one client and all addresses together. Default 20.</summary>
    public int MailsPerClientToAll { get; set; } = 20;

    /// <summary>The period of the three limits. Default 1 hour.</summary>
    public TimeSpan MailPeriod { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Checks the settings at startup.</summary>
internal sealed class AccountOptionsValidator(
    IServiceProvider services,
    IOptions<TokenSessionOptions> session,
    IHostEnvironment environment
) : IValidateOptions<AccountOptions>
{
    private const string Url = $"{AccountOptions.Section}:{nameof(AccountOptions.SiteUrl)}";

    public ValidateOptionsResult Validate(string? name, AccountOptions options)
    {
        List<string> errors = [];
        if (string.IsNullOrWhiteSpace(options.SiteUrl))
        {
            using var scope = services.CreateScope();
            if (!environment.IsDevelopment() && scope.ServiceProvider.GetRequiredService<IAccountBackend>().Traits.NeedsSiteUrl)
            {
                errors.Add($"{Url} is empty. Set it to the address of this site, such as https://www.example.com, for the links in mails.");
            }
        }
        else if (
            !Uri.TryCreate(options.SiteUrl, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
            || url.Query + url.Fragment is not ""
        )
        {
            errors.Add(
                $"{Url} is \"{options.SiteUrl}\". It must be an http or https address without a query, such as https://www.example.com."
            );
        }
        else if (url.Scheme is "http" && session.Value.SecureCookies)
        {
            errors.Add(
                $"{Url} is \"{options.SiteUrl}\". The links in mails must use https, unless "
                    + $"{TokenSessionOptions.Section}:{nameof(TokenSessionOptions.AllowInsecureHttp)} is true."
            );
        }

        foreach (
            var (setting, value) in new[]
            {
                (nameof(AccountOptions.MailsPerClient), options.MailsPerClient),
                (nameof(AccountOptions.MailsPerAddress), options.MailsPerAddress),
                (nameof(AccountOptions.MailsPerClientToAll), options.MailsPerClientToAll),
            }
        )
        {
            if (value < 1)
            {
                errors.Add($"{AccountOptions.Section}:{setting} is {value}. It must be at least 1.");
            }
        }

        if (options.MailPeriod <= TimeSpan.Zero)
        {
            errors.Add($"{AccountOptions.Section}:{nameof(AccountOptions.MailPeriod)} must be longer than zero.");
        }

        if (options.MailResponseTime < TimeSpan.Zero || options.MailResponseTime > TimeSpan.FromSeconds(30))
        {
            errors.Add($"{AccountOptions.Section}:{nameof(AccountOptions.MailResponseTime)} must be from 0 to 30 seconds.");
        }

        return errors.Count is 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
