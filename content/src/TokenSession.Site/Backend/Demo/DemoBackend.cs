using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace TokenSessionSite.Backend.Demo;

/// <summary>
/// A backend inside this process, for Development and for tests: users, sessions and tokens in memory. It is as strict as the strictest
/// real one: a refresh token works once, and a second use revokes the whole session. What it says on the wire is up to
/// <see cref="IDemoWireFormat"/>; how it misbehaves is up to <see cref="Faults"/>.
/// </summary>
public sealed class DemoBackend(TimeProvider time)
{
    public const string Email = "demo@example.com",
        Password = "demo";

    private readonly Lock gate = new();
    private readonly Dictionary<string, DemoUser> users = new(StringComparer.OrdinalIgnoreCase)
    {
        [Email] = new(Email, Password, Role: "admin"),
        ["otp@example.com"] = new("otp@example.com", Password, Otp: "123456"),
    };

    private readonly Dictionary<string, DemoSession> sessions = [];
    private readonly ConcurrentDictionary<string, int> calls = [];
    private DemoAccessTokens accessTokens = new(time);

    /// <summary>Short, so that a refresh can be watched. Default 60 s.</summary>
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Makes access tokens longer by so many characters, as claims of roles and rights do. Default 0.</summary>
    public int AccessTokenPadding { get; set; }

    /// <summary>Whether each refresh brings a new refresh token. Default true.</summary>
    public bool Rotates { get; set; } = true;

    /// <summary>Whether the answer to a refresh leaves out the refresh token that stays good (RFC 6749, 6). Default false.</summary>
    public bool OmitsRefreshToken { get; set; }

    /// <summary>Whether a refresh token that is used again ends its session. Default true.</summary>
    public bool RevokesOnReuse { get; set; } = true;

    public DemoFaults Faults { get; } = new();

    /// <summary>Refresh tokens that were exchanged.</summary>
    public int Refreshes { get; private set; }

    /// <summary>Refresh tokens that came again after they had been exchanged: no client should ever cause one. Where the answer to the
    /// exchange was lost on its way (<see cref="DemoFault.DropAfterCommit"/>), the client could not know, and it does not count.</summary>
    public int Reuses { get; private set; }

    /// <summary>Calls that arrived at this path, whatever came of them.</summary>
    public int CallsTo(string path) => calls.GetValueOrDefault(path);

    /// <summary>Sessions that were neither revoked nor signed out.</summary>
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

    public void AddUser(string email, string password, string? otp = null)
    {
        lock (gate)
        {
            users[email] = new(email, password, otp);
        }
    }

    public DemoResult SignIn(string email, string password, string? otp)
    {
        lock (gate)
        {
            if (!users.TryGetValue(email, out var user) || user.Password != password)
            {
                return DemoError.BadCredentials;
            }

            return user.Otp is null || user.Otp == otp ? Issue(new DemoSession(user)) : DemoError.OtpRequired;
        }
    }

    /// <summary>Judges a refresh token; what it may be exchanged for is <see cref="Exchange"/>'s.</summary>
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

    /// <summary>The answer to the exchange of this token never arrived.</summary>
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

    /// <summary>Ends the session of this refresh token, if it is the current one: a spent token says nothing, here as at Directus.</summary>
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

    /// <summary>The user whom an access token was issued to, or why it is no good.</summary>
    public DemoResult Authenticate(string? accessToken)
    {
        lock (gate)
        {
            return accessTokens.Judge(accessToken) switch
            {
                (_, { } error) => error,
                var (email, _) => users[email!],
            };
        }
    }

    /// <summary>From now on every access token issued so far is refused before its time; refresh tokens still work.</summary>
    public void InvalidateAccessTokens()
    {
        lock (gate)
        {
            accessTokens = new(time);
        }
    }

    /// <summary>Ends every session, as an administrator would.</summary>
    public void RevokeEverySession()
    {
        lock (gate)
        {
            foreach (var session in sessions.Values)
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
