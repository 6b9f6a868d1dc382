using Microsoft.Extensions.DependencyInjection;

namespace Tests.Infrastructure;

/// <summary>A backend that accepts everything and issues the access tokens of a test, one after the other.</summary>
internal sealed class IssuingBackend(Queue<string> accessTokens, SessionClock clock) : IAuthBackend
{
    public static void Register(IServiceCollection services, params string[] accessTokens)
    {
        var queue = new Queue<string>(accessTokens);
        services.AddTransient<IAuthBackend>(provider => new IssuingBackend(queue, provider.GetRequiredService<SessionClock>()));
    }

    public Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken) => NextAsync();

    public Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken) => NextAsync();

    public Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken) => Task.CompletedTask;

    private Task<AuthResult> NextAsync()
    {
        var now = clock.GetUtcNow();
        return Task.FromResult<AuthResult>(
            new AuthResult.Succeeded(new(accessTokens.Dequeue(), now, now.AddMinutes(1), Guid.NewGuid().ToString()))
        );
    }
}
