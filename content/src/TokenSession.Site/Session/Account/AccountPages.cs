namespace TokenSessionSite.Session.Account;

/// <summary>The names of pages below the folder <c>Pages</c> that the site leads to. Their addresses are those of their <c>@page</c>
/// directives.</summary>
public static class AccountPages
{
    public const string ResetPassword = "/Account/ResetPassword",
        ConfirmEmail = "/Account/ConfirmEmail",
        AcceptInvitation = "/Account/AcceptInvitation",
        TwoFactor = "/App/Account/TwoFactor";
}
