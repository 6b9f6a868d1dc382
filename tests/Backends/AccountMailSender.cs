using System.Net;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace Backends;

/// <summary>Sends the mails of the Identity endpoints. Their links lead to the pages of the site, whose address is the setting
/// <c>Site:Url</c>.</summary>
public sealed class AccountMailSender(IConfiguration configuration, IMailService mails) : IEmailSender<IdentityUser>
{
    /// <summary>The link of Identity leads to <c>/confirmEmail</c> of the API. The site calls that address with the query of the link. The
    /// same mail confirms the new address of an account.</summary>
    public Task SendConfirmationLinkAsync(IdentityUser user, string email, string confirmationLink)
    {
        var query = new Uri(WebUtility.HtmlDecode(confirmationLink)).Query;
        return mails.SendAsync(email, "Confirm your e-mail address", LinkTo("/confirm-email", query));
    }

    public Task SendPasswordResetCodeAsync(IdentityUser user, string email, string resetCode)
    {
        var code = WebUtility.HtmlDecode(resetCode);
        var query = $"email={Uri.EscapeDataString(email)}&code={Uri.EscapeDataString(code)}";
        return mails.SendAsync(email, "Choose another password", LinkTo("/reset-password", query));
    }

    /// <summary>The Identity endpoints send a code instead.</summary>
    public Task SendPasswordResetLinkAsync(IdentityUser user, string email, string resetLink) => throw new NotSupportedException();

    private string LinkTo(string page, string query)
    {
        var site = configuration["Site:Url"] ?? throw new InvalidOperationException("Set Site:Url to the address of the site.");
        return $"{site.TrimEnd('/')}{page}?token={WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(query))}";
    }
}

/// <summary>Sends a mail. Replace it with your own implementation.</summary>
public interface IMailService
{
    Task SendAsync(string to, string subject, string link);
}
