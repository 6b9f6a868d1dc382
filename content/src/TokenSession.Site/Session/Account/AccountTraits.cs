namespace TokenSessionSite.Session.Account;

/// <summary>What a backend offers for an account. If a value is false, the site shows no link and no page or form for it.</summary>
public sealed record AccountTraits
{
    /// <summary>Whether users can choose another password through a link in a mail. Default true.</summary>
    public bool ResetsPasswords { get; init; } = true;

    /// <summary>Whether visitors can create accounts. If registration is off at the backend, the adapter may also return
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

    /// <summary>Whether a new e-mail address takes effect only after the user has confirmed it through a link in a mail. Default
    /// true.</summary>
    public bool ConfirmsNewEmail { get; init; } = true;

    /// <summary>Whether a change of the password ends the other sessions of the user. Default true.</summary>
    public bool EndsOtherSessions { get; init; } = true;

    /// <summary>Whether a new e-mail address ends the sessions of the user, when it takes effect. Default true.</summary>
    public bool NewEmailEndsSessions { get; init; } = true;

    /// <summary>Whether the backend gets the addresses of this site's pages for the links in mails. If so,
    /// <see cref="AccountOptions.SiteUrl"/> is required outside Development. Default true.</summary>
    public bool NeedsSiteUrl { get; init; } = true;
}
