namespace TokenSessionSite.Backend.Demo;

/// <summary>The methods that the demo accounts use.</summary>
public sealed partial class DemoBackend
{
    public void Remove(string email)
    {
        lock (gate)
        {
            users.Remove(email);
        }
    }

    /// <summary>Returns the user with this address; null if there is none.</summary>
    public DemoUser? Find(string email)
    {
        lock (gate)
        {
            return users.GetValueOrDefault(email);
        }
    }

    /// <summary>Ends all sessions of a user, as a change of the password does.</summary>
    public void RevokeSessionsOf(string email) => Revoke(session => session.User.Email.Equals(email, StringComparison.OrdinalIgnoreCase));
}
