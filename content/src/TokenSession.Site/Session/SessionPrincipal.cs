using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace TokenSessionSite.Session;

/// <summary>Decides which claims <c>HttpContext.User</c> has. To map more claims, add them here: <c>[Authorize]</c>, policies and
/// <c>User.IsInRole</c> use them. Each refresh creates the claims again.</summary>
/// <remarks>Keep the <see cref="ClaimTypes.NameIdentifier"/>, and keep it the same after a refresh: open forms and pages contain its
/// hash.</remarks>
public static class SessionPrincipal
{
    /// <summary>Keeps the hash with its ticket, because tickets are cached between requests.</summary>
    private static readonly ConditionalWeakTable<SessionTicket, string> UserHashes = [];

    public static ClaimsPrincipal Create(SessionTicket ticket)
    {
        var (user, token) = (ticket.Tokens.User, JwtPayload.Read(ticket.Tokens.AccessToken));
        var claims = new List<Claim> { new(ClaimTypes.NameIdentifier, IdOf(ticket)) };
        if ((user?.Name ?? token.Text("name", "preferred_username", ClaimTypes.Name, "unique_name", "email", ClaimTypes.Email)) is { } name)
        {
            claims.Add(new(ClaimTypes.Name, name));
        }

        var roles = token.Texts("role", "roles", ClaimTypes.Role).Concat(user?.Roles ?? []);
        claims.AddRange(roles.Distinct().Select(role => new Claim(ClaimTypes.Role, role)));

        return new(new ClaimsIdentity(claims, TokenSessionOptions.Scheme));
    }

    /// <summary>A short text that pages and scripts compare to detect another user. It is the same in each session of a user.</summary>
    public static string UserHash(SessionTicket ticket) => UserHashes.GetValue(ticket, static ticket => HashOf(IdOf(ticket))[..16]);

    /// <summary>Returns the id of the user, or a hash of the session id if the backend gives no user id.</summary>
    internal static string IdOf(SessionTicket ticket) =>
        ticket.Tokens.User?.Id ?? JwtPayload.Read(ticket.Tokens.AccessToken).Subject ?? HashOf(ticket.SessionId);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
