namespace TokenSessionSite.Session.Restrictions;

/// <summary>For guests only: signed-in users go on to where the page would have led them.</summary>
public sealed class GuestsOnlyAttribute : RestrictionAttribute
{
    /// <summary>Somebody whose session cannot be checked just now may well want to sign in.</summary>
    protected override bool AllowsUnknown => true;

    protected override string? Redirect(CurrentSession session, HttpRequest request, TokenSessionOptions options) =>
        session.IsSignedIn ? ReturnUrl.Local(request.Query[ReturnUrl.Parameter], options.HomePath) : null;
}
