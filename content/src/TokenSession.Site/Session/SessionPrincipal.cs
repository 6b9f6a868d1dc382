using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;

namespace TokenSessionSite.Session;

/// <summary>
/// Decides which claims <c>HttpContext.User</c> has. This is the place to map more of them: <c>[Authorize]</c>, policies and
/// <c>User.IsInRole</c> see what is written here, after each refresh anew.
/// </summary>
/// <remarks>Keep the <see cref="ClaimTypes.NameIdentifier"/>: open forms and pages name it, so it must not change with the token.
/// </remarks>
public static class SessionPrincipal
{
    /// <summary>Tickets are cached between requests.</summary>
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

    /// <summary>A short text that pages and scripts compare to notice another user. It stays the same in another session of the user.</summary>
    public static string UserHash(SessionTicket ticket) => UserHashes.GetValue(ticket, static ticket => HashOf(IdOf(ticket))[..16]);

    /// <summary>The id of the user. If the backend does not say it, the id of the session takes its place.</summary>
    internal static string IdOf(SessionTicket ticket) =>
        ticket.Tokens.User?.Id ?? JwtPayload.Read(ticket.Tokens.AccessToken).Subject ?? HashOf(ticket.SessionId);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
