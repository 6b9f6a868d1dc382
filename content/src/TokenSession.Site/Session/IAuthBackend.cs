namespace TokenSessionSite.Session;

/// <summary>
/// What the session needs from a backend. An adapter implements this interface: each method makes one call and maps the answer to a result.
/// An adapter uses no cookie and no <see cref="HttpContext"/>, and it never repeats a call that the backend may have received.
/// </summary>
/// <remarks>The adapter may throw the exception of a network failure: it means <see cref="AuthResult.Unavailable"/>. Any other exception is
/// logged as an error of the adapter.</remarks>
public interface IAuthBackend
{
    /// <summary>What this backend does with its tokens. Default: <see cref="BackendTraits.Strict"/>.</summary>
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

    /// <summary>Revokes the refresh token. If the token is already revoked or expired, the call has succeeded.</summary>
    /// <param name="tokens">The newest tokens of the session. The access token may be expired, unless
    /// <see cref="BackendTraits.SignOutNeedsAccessToken"/> is true.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken);
}
