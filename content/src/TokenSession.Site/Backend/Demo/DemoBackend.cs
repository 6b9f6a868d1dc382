using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace TokenSessionSite.Backend.Demo;

/// <summary>
/// A backend in the process of the site, for Development. It keeps users, sessions and tokens in memory. It is as strict as
/// the strictest real backend: a refresh token works once, and a second use revokes the whole session. <see cref="Faults"/> makes it fail.
/// </summary>
public sealed partial class DemoBackend(TimeProvider time)
{
    public const string Email = "demo@example.com",
        Password = "demo";

    private readonly Lock gate = new();
    private readonly Dictionary<string, DemoUser> users = new(StringComparer.OrdinalIgnoreCase)
    {
        [Email] = new(Email, Password, Role: "admin"),
        ["otp@example.com"] = new("otp@example.com", Password, code => code is "123456", ["DEMO-RECOVERY"]),
    };

    private readonly HashSet<string> blocked = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, DemoSession> sessions = [];
    private readonly ConcurrentDictionary<string, int> calls = [];
    private DemoAccessTokens accessTokens = new(time);

    /// <summary>Lifetime of an access token. It is short, so that you can watch a refresh. Default 60 s.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Number of characters that are added to each access token, as claims of roles and permissions do. Default 0.</summary>
    public int AccessTokenPadding { get; set; }

    /// <summary>Whether each refresh issues a new refresh token. Default true.</summary>
    public bool Rotates { get; set; } = true;

    /// <summary>Whether the response to a refresh omits the refresh token, which then stays valid (RFC 6749, 6). Default false.</summary>
    public bool OmitsRefreshToken { get; set; }

    /// <summary>Whether the second use of a refresh token ends its session. Default true.</summary>
    public bool RevokesOnReuse { get; set; } = true;

    public DemoFaults Faults { get; } = new();

    /// <summary>Number of refresh tokens that were exchanged.</summary>
    public int Refreshes { get; private set; }

    /// <summary>
    /// Number of refresh tokens that were sent again after they had been exchanged. A client must never do this. A token does not count if
    /// the response to its exchange was lost (<see cref="DemoFault.DropAfterCommit"/>), because the client could not know.
    /// </summary>
    public int Reuses { get; private set; }

    /// <summary>Returns the number of calls to this path, failed calls included.</summary>
    public int CallsTo(string path) => calls.GetValueOrDefault(path);

    /// <summary>Number of sessions that are neither revoked nor signed out.</summary>
    public int LiveSessions
    {
        get
        {
            lock (gate)
            {
                return sessions.Values.Distinct().Count(session => !session.IsRevoked);
            }
        }
    }

    internal void Arrived(string path) => calls.AddOrUpdate(path, 1, (_, count) => count + 1);

    public void AddUser(string email, string password, string? otp = null) =>
        Save(new(email, password, otp is null ? null : code => code == otp));

    /// <summary>Adds a user, or replaces the user with the same address.</summary>
    public void Save(DemoUser user)
    {
        lock (gate)
        {
            users[user.Email] = user;
        }
    }

    /// <summary>Refuses the access tokens of a user, but still signs the user in and refreshes, as Strapi does.</summary>
    public void Block(string email, bool isBlocked = true)
    {
        lock (gate)
        {
            _ = isBlocked ? blocked.Add(email) : blocked.Remove(email);
        }
    }

    public DemoResult SignIn(string email, string password, string? otp = null, string? recoveryCode = null)
    {
        lock (gate)
        {
            if (!users.TryGetValue(email, out var user) || user.Password != password)
            {
                return DemoError.BadCredentials;
            }

            if (user.Accepts is { } accepts && !(otp is not null && accepts(otp)))
            {
                if (recoveryCode is null || user.RecoveryCodes?.Contains(recoveryCode) is not true)
                {
                    return DemoError.OtpRequired;
                }

                users[email] = user with { RecoveryCodes = [.. user.RecoveryCodes.Where(code => code != recoveryCode)] };
            }

            return Issue(new DemoSession(user));
        }
    }

    /// <summary>Returns the session of a refresh token, to be passed to <see cref="Exchange"/>; null if the token is invalid.</summary>
    public DemoSession? Validate(string refreshToken)
    {
        lock (gate)
        {
            if (!sessions.TryGetValue(refreshToken, out var session) || session.IsRevoked)
            {
                return null;
            }

            if (session.Current == refreshToken)
            {
                return session;
            }

            if (!session.Lost.Contains(refreshToken))
            {
                Reuses++;
            }

            session.IsRevoked = RevokesOnReuse;
            return null;
        }
    }

    public DemoTokens Exchange(DemoSession session)
    {
        lock (gate)
        {
            Refreshes++;
            var tokens = Issue(session);
            return OmitsRefreshToken ? tokens with { RefreshToken = null } : tokens;
        }
    }

    /// <summary>Records that the response to the exchange of this token was lost.</summary>
    internal void AnswerWasLost(string? refreshToken)
    {
        lock (gate)
        {
            if (refreshToken is not null && sessions.TryGetValue(refreshToken, out var session))
            {
                session.Lost.Add(refreshToken);
            }
        }
    }

    /// <summary>Ends the session of this refresh token if it is the current one. As in Directus, a spent token has no effect.</summary>
    public void SignOut(string refreshToken)
    {
        lock (gate)
        {
            if (sessions.TryGetValue(refreshToken, out var session) && session.Current == refreshToken)
            {
                session.IsRevoked = true;
            }
        }
    }

    /// <summary>Returns the user of an access token, or the reason why it is invalid.</summary>
    public DemoResult Authenticate(string? accessToken)
    {
        lock (gate)
        {
            return accessTokens.Judge(accessToken) switch
            {
                (_, { } error) => error,
                var (email, _) when blocked.Contains(email!) => DemoError.AccessTokenInvalid,
                var (email, _) => users.TryGetValue(email!, out var user) ? user : DemoError.AccessTokenInvalid,
            };
        }
    }

    /// <summary>Invalidates all access tokens that were issued so far. Refresh tokens still work.</summary>
    public void InvalidateAccessTokens()
    {
        lock (gate)
        {
            accessTokens = new(time);
        }
    }

    /// <summary>Ends all sessions, as an administrator would.</summary>
    public void RevokeEverySession() => Revoke(_ => true);

    private void Revoke(Func<DemoSession, bool> isMeant)
    {
        lock (gate)
        {
            foreach (var session in sessions.Values.Where(isMeant))
            {
                session.IsRevoked = true;
            }
        }
    }

    private DemoTokens Issue(DemoSession session)
    {
        if (session.Current is null || Rotates)
        {
            session.Current = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            sessions[session.Current] = session;
        }

        return new(accessTokens.Issue(session.User, AccessTokenLifetime, AccessTokenPadding), session.Current, AccessTokenLifetime);
    }
}
