using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Calls the adapter in its own scope and with a time limit, and turns exceptions into results.</summary>
public sealed class BackendCaller(
    IServiceScopeFactory scopes,
    IOptions<TokenSessionOptions> options,
    SessionClock clock,
    ILogger<BackendCaller> logger
)
{
    public Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken) =>
        CallAsync((backend, limit) => backend.SignInAsync(credentials, client, limit), options.Value.SignInTimeout, cancellationToken);

    public Task<AuthResult> RefreshAsync(SessionTokens tokens) =>
        CallAsync((backend, limit) => backend.RefreshAsync(tokens, limit), options.Value.RefreshTimeout, CancellationToken.None);

    /// <summary>Revokes the refresh token. A failure is logged and changes nothing: the session has ended on this site.</summary>
    public async Task RevokeAsync(SessionTokens tokens)
    {
        try
        {
            await RunAsync<IAuthBackend, bool>(
                async (backend, limit) =>
                {
                    await backend.SignOutAsync(await WithValidAccessTokenAsync(backend, tokens, limit), limit);
                    return true;
                },
                options.Value.RefreshTimeout,
                CancellationToken.None
            );
        }
        catch (Exception exception)
        {
            logger.RevocationFailed(exception);
        }
    }

    public void RevokeInBackground(SessionTokens tokens) => Detached.Run(() => RevokeAsync(tokens));

    private async Task<SessionTokens> WithValidAccessTokenAsync(IAuthBackend backend, SessionTokens tokens, CancellationToken limit) =>
        backend.Traits.SignOutNeedsAccessToken
        && tokens.IsExpired(clock.GetUtcNow())
        && await backend.RefreshAsync(tokens, limit) is AuthResult.Succeeded { Tokens: var refreshed }
            ? refreshed
            : tokens;

    private async Task<AuthResult> CallAsync(
        Func<IAuthBackend, CancellationToken, Task<AuthResult>> call,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        var adapter = "";
        try
        {
            var result = await RunAsync<IAuthBackend, AuthResult>(
                (backend, limit) =>
                {
                    adapter = backend.GetType().Name;
                    return call(backend, limit);
                },
                timeout,
                cancellationToken
            );
            switch (result)
            {
                case AuthResult.Unavailable unavailable:
                    logger.BackendUnavailable(unavailable.Reason, unavailable.Exception);
                    break;
                case AuthResult.Unrecognized unrecognized:
                    logger.AnswerNotRecognized(unrecognized.Answer, adapter);
                    break;
            }

            return result;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (AuthResult.FromNetworkFailure(exception) is { } unavailable)
            {
                logger.BackendUnavailable(unavailable.Reason, exception);
                return unavailable;
            }

            logger.AdapterFailed(exception);
            return new AuthResult.Unavailable("the adapter threw an exception", OutcomeUnknown: true, Exception: exception);
        }
    }

    /// <summary>Calls an adapter in its own scope and with a time limit. Does not handle exceptions.</summary>
    internal async Task<T> RunAsync<TAdapter, T>(
        Func<TAdapter, CancellationToken, Task<T>> call,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
        where TAdapter : notnull
    {
        await using var scope = scopes.CreateAsyncScope();
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);

        // WaitAsync also ends the wait for an adapter that ignores the token.
        var adapter = scope.ServiceProvider.GetRequiredService<TAdapter>();
        return await call(adapter, limit.Token).WaitAsync(limit.Token);
    }
}
