using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>
/// What the session needs of a backend. An adapter implements it: each method makes one call and maps the answer; it knows no cookie and
/// no <see cref="HttpContext"/>, never sends an access token, and never tries twice what may have arrived. Exceptions are
/// allowed and mean <see cref="AuthAnswer.Unavailable"/>.
/// </summary>
public interface IAuthBackend
{
    Task<AuthAnswer> SignInAsync(Credentials credentials, CancellationToken cancellationToken);

    /// <summary>Exchanges a refresh token. <see cref="AuthRefusal.TokenRejected"/> ends the user's session: answer it only for what surely
    /// means "this token is no good".</summary>
    Task<AuthAnswer> RefreshAsync(string refreshToken, CancellationToken cancellationToken);

    /// <summary>Revokes a refresh token. A token that is already gone is a success.</summary>
    Task SignOutAsync(string refreshToken, CancellationToken cancellationToken);
}
