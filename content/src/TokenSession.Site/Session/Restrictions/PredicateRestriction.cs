namespace TokenSessionSite.Session.Restrictions;

/// <summary>A restriction of your own: <paramref name="redirect"/> says where to send the request instead, or null to let it pass.</summary>
public sealed class PredicateRestriction(Func<CurrentSession, string?> redirect) : RestrictionAttribute
{
    protected override string? Redirect(CurrentSession session, HttpRequest request, TokenSessionOptions options) => redirect(session);
}
