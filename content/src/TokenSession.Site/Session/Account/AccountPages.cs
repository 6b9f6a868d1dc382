namespace TokenSessionSite.Session.Account;

/// <summary>The names of the pages that links in mails lead to, below the folder <c>Pages</c>. Their addresses are those of their
/// <c>@page</c> directives.</summary>
public static class AccountPages
{
    public const string ResetPassword = "/Account/ResetPassword",
        ConfirmEmail = "/Account/ConfirmEmail",
        AcceptInvitation = "/Account/AcceptInvitation",
        TwoFactor = "/App/Account/TwoFactor";
}
