namespace TokenSessionSite.Session.Account;

/// <summary>The names of account pages that links and redirects use, below the folder <c>Pages</c>. Their addresses come from their
/// <c>@page</c> directives.</summary>
public static class AccountPages
{
    public const string ResetPassword = "/Account/ResetPassword",
        ConfirmEmail = "/Account/ConfirmEmail",
        AcceptInvitation = "/Account/AcceptInvitation",
        TwoFactor = "/App/Account/TwoFactor";
}
