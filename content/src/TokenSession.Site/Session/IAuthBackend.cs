namespace TokenSessionSite.Session;

/// <summary>
/// What the session needs from a backend. An adapter implements it: each method makes one call and maps the answer to a result. It knows
/// no cookie and no <see cref="HttpContext"/>, and it never repeats a call that may have arrived.
/// </summary>
/// <remarks>A network failure may be thrown, and means <see cref="AuthResult.Unavailable"/>. Any other exception is logged as an error of
/// the adapter.</remarks>
public interface IAuthBackend
{
    /// <summary>What this backend does not do. Default: it is as strict as the site assumes.</summary>
    BackendTraits Traits => BackendTraits.Strict;

    /// <summary>Signs in. The time limit is <see cref="TokenSessionOptions.SignInTimeout"/>.</summary>
    /// <param name="credentials">What the user entered.</param>
    /// <param name="client">The browser of the user. A backend that limits sign-ins by address needs it: otherwise, all users have the
    /// address of this site.</param>
    /// <param name="cancellationToken">Ends the call if the browser leaves.</param>
    Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken);

    /// <summary>Exchanges the refresh token. <see cref="RejectionReason.InvalidRefreshToken"/> ends the user's session: return it only for
    /// an answer that certainly means "this refresh token is invalid". The time limit is <see cref="TokenSessionOptions.RefreshTimeout"/>.
    /// </summary>
    /// <param name="tokens">The newest tokens of the session. The access token may be expired.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken);

    /// <summary>Revokes the refresh token. A token that is revoked or expired already is a success.</summary>
    /// <param name="tokens">The newest tokens of the session. The access token may be expired, unless
    /// <see cref="BackendTraits.SignOutNeedsAccessToken"/>.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken);
}
