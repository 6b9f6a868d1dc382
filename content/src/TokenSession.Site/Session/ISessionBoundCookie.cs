namespace TokenSessionSite.Session;

/// <summary>A cookie with data of the user. A sign-out deletes it together with the cookies of the session.</summary>
public interface ISessionBoundCookie
{
    void Delete(HttpContext context);
}
