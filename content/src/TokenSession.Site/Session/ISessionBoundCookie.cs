namespace TokenSessionSite.Session;

/// <summary>A cookie that a sign-out deletes with those of the session: it holds something of the user.</summary>
public interface ISessionBoundCookie
{
    void Delete(HttpContext context);
}
