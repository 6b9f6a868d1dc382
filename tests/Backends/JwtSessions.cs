using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Backends;

/// <summary>The sessions of the JWT backend: refresh tokens that are exchanged once, in families.</summary>
internal sealed class JwtSessions(JwtDbContext database, UserManager<IdentityUser> users, JwtIssuer issuer)
{
    public Task<TokenResponse> StartAsync(IdentityUser user) => IssueAsync(user, $"{Guid.NewGuid()}");

    /// <summary>Exchanges a refresh token; null if it is not valid, or if the access token belongs to another session.</summary>
    public async Task<TokenResponse?> RefreshAsync(string? accessToken, string? refreshToken)
    {
        var sessionId = await issuer.ReadSessionIdAsync(accessToken);
        // A transaction locks the database: if two requests have the same token, the second one waits, and then ends the session.
        await using var transaction = await database.Database.BeginTransactionAsync();
        var token = await database.RefreshTokens.SingleOrDefaultAsync(token => token.Value == refreshToken);
        if (token is null || token.SessionId != sessionId)
            return null;

        if (token.IsUsed)
        {
            await RevokeAsync(token.SessionId);
            await transaction.CommitAsync();
            return null;
        }

        if (await users.FindByIdAsync(token.UserId) is not { } user || await users.IsLockedOutAsync(user))
            return null;

        token.IsUsed = true;
        var tokens = await IssueAsync(user, token.SessionId);
        await transaction.CommitAsync();
        return tokens;
    }

    public Task RevokeAsync(string sessionId) => database.RefreshTokens.Where(token => token.SessionId == sessionId).ExecuteDeleteAsync();

    public Task RevokeAllAsync(IdentityUser user) => database.RefreshTokens.Where(token => token.UserId == user.Id).ExecuteDeleteAsync();

    private async Task<TokenResponse> IssueAsync(IdentityUser user, string sessionId)
    {
        var accessToken = issuer.Write([
            new(ClaimTypes.NameIdentifier, user.Id),
            new(ClaimTypes.Name, user.UserName!),
            new(ClaimTypes.Email, user.Email!),
            .. await users.GetClaimsAsync(user),
            new(JwtIssuer.SessionId, sessionId),
        ]);
        var refreshToken = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
        database.Add(
            new RefreshToken
            {
                Value = refreshToken,
                SessionId = sessionId,
                UserId = user.Id,
            }
        );
        await database.SaveChangesAsync();
        return new TokenResponse(accessToken, refreshToken, (int)issuer.Lifetime.TotalSeconds);
    }
}

internal sealed record TokenResponse(string AccessToken, string RefreshToken, int ExpiresIn);

internal sealed class RefreshToken
{
    public required string Value { get; init; }
    public required string SessionId { get; init; }
    public required string UserId { get; init; }
    public bool IsUsed { get; set; }
}

internal sealed class JwtDbContext(DbContextOptions<JwtDbContext> options) : IdentityDbContext<IdentityUser>(options)
{
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<RefreshToken>().HasKey(token => token.Value);
    }
}
