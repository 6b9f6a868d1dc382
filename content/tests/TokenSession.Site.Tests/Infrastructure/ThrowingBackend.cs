using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Tests.Infrastructure;

/// <summary>An adapter that throws, around the real adapter.</summary>
public sealed class ThrowingBackend
{
    public bool Throws { get; set; }

    public bool CannotBeMade { get; set; }

    /// <summary>If this is set, the backend rejects every refresh for this reason.</summary>
    public RejectionReason? Refuses { get; set; }

    public void Wrap(IServiceCollection services)
    {
        var real = services.Last(service => service.ServiceType == typeof(IAuthBackend)).ImplementationType!;
        services.Replace(
            ServiceDescriptor.Transient<IAuthBackend>(provider =>
                CannotBeMade
                    ? throw new InvalidOperationException("a service is missing")
                    : new Wrapper(this, (IAuthBackend)ActivatorUtilities.CreateInstance(provider, real))
            )
        );
    }

    private sealed class Wrapper(ThrowingBackend switches, IAuthBackend real) : IAuthBackend
    {
        public Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken) =>
            switches.Throws
                ? throw new InvalidOperationException("a bug in the adapter")
                : real.SignInAsync(credentials, client, cancellationToken);

        public Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken) =>
            switches.Throws ? throw new InvalidOperationException("a bug in the adapter")
            : switches.Refuses is { } refusal ? Task.FromResult<AuthResult>(new AuthResult.Rejected(refusal))
            : real.RefreshAsync(tokens, cancellationToken);

        public Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken) =>
            switches.Throws ? throw new InvalidOperationException("a bug in the adapter") : real.SignOutAsync(tokens, cancellationToken);
    }
}
