namespace TokenSessionSite.Session.Account;

/// <summary>What a backend offers for an account. For what is false here, there is no link, and no page or no form.
/// </summary>
public sealed record AccountTraits
{
    /// <summary>Whether users can choose another password by a link in a mail. Default true.</summary>
    public bool ResetsPasswords { get; init; } = true;

    /// <summary>Whether visitors can create accounts. A backend that has it off may also answer
    /// <see cref="AccountResult.NotOffered"/>. Default true.</summary>
    public bool Registers { get; init; } = true;

    /// <summary>Whether users can be invited. Default true.</summary>
    public bool Invites { get; init; } = true;

    /// <summary>Whether signed-in users can change the password. Default true.</summary>
    public bool ChangesPasswords { get; init; } = true;

    /// <summary>Whether signed-in users can change the e-mail address. Default true.</summary>
    public bool ChangesEmails { get; init; } = true;

    /// <summary>Whether users can set up a second factor. Default true.</summary>
    public bool HasTwoFactor { get; init; } = true;

    /// <summary>Whether a new e-mail address takes effect when it is confirmed by a link in a mail. Default true.</summary>
    public bool ConfirmsNewEmail { get; init; } = true;

    /// <summary>Whether a change of the password ends the other sessions of the user. Default true.</summary>
    public bool EndsOtherSessions { get; init; } = true;

    /// <summary>Whether a new e-mail address ends the sessions of the user, when it takes effect. Default true.</summary>
    public bool NewEmailEndsSessions { get; init; } = true;

    /// <summary>Whether this site tells the backend the addresses of its pages for the links in mails. Then
    /// <see cref="AccountOptions.SiteUrl"/> is required outside Development. Default true.</summary>
    public bool NeedsSiteUrl { get; init; } = true;
}
