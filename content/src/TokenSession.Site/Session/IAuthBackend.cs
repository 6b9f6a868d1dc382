namespace TokenSessionSite.Session;

/// <summary>
/// What the session needs from a backend. An adapter implements it: each method makes one call and maps the answer to a result. It knows
/// no cookie and no <see cref="HttpContext"/>, and it never repeats a call that may have arrived.
/// </summary>
/// <remarks>A network failure may be thrown, and means <see cref="AuthResult.Unavailable"/>. Any other exception is logged as an error of
/// the adapter.</remarks>
public interface IAuthBackend
{
    /// <summary>Signs in. The time limit is <see cref="TokenSessionOptions.SignInTimeout"/>.</summary>
    Task<AuthResult> SignInAsync(Credentials credentials, CancellationToken cancellationToken);

    /// <summary>Exchanges the refresh token. <see cref="RejectionReason.InvalidRefreshToken"/> ends the user's session: return it only for
    /// an answer that certainly means "this refresh token is invalid". The time limit is <see cref="TokenSessionOptions.RefreshTimeout"/>.
    /// </summary>
    Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken);

    /// <summary>Revokes the refresh token. A token that is revoked or expired already is a success.</summary>
    Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken);
}
