using Microsoft.Extensions.DependencyInjection;

namespace Tests.Infrastructure;

/// <summary>The demo backend with an adapter that gives other answers if a test sets them.</summary>
public sealed class StubBackend
{
    public BackendTraits Traits { get; set; } = new() { AcceptsRecoveryCodes = true };

    /// <summary>Null, or a function that returns null: the demo backend answers.</summary>
    public Func<Credentials, AuthResult?>? SignIn { get; set; }

    public Func<SessionTokens, AuthResult?>? Refresh { get; set; }

    /// <summary>Changes the answer of the demo backend.</summary>
    public Func<SessionTokens, SessionTokens> Issue { get; set; } = tokens => tokens;

    public List<Credentials> SignIns { get; } = [];

    public List<ClientInfo> Clients { get; } = [];

    public List<SessionTokens> SignOuts { get; } = [];

    public void Register(IServiceCollection services) =>
        services.AddTransient<IAuthBackend>(provider => new Adapter(this, ActivatorUtilities.CreateInstance<DemoAuthBackend>(provider)));

    private sealed class Adapter(StubBackend stub, DemoAuthBackend demo) : IAuthBackend
    {
        public BackendTraits Traits => stub.Traits;

        public async Task<AuthResult> SignInAsync(Credentials credentials, ClientInfo client, CancellationToken cancellationToken)
        {
            stub.SignIns.Add(credentials);
            stub.Clients.Add(client);
            return stub.SignIn?.Invoke(credentials) ?? Issued(await demo.SignInAsync(credentials, client, cancellationToken));
        }

        public async Task<AuthResult> RefreshAsync(SessionTokens tokens, CancellationToken cancellationToken) =>
            stub.Refresh?.Invoke(tokens) ?? Issued(await demo.RefreshAsync(tokens, cancellationToken));

        public Task SignOutAsync(SessionTokens tokens, CancellationToken cancellationToken)
        {
            stub.SignOuts.Add(tokens);
            return demo.SignOutAsync(tokens, cancellationToken);
        }

        private AuthResult Issued(AuthResult result) =>
            result is AuthResult.Succeeded { Tokens: var tokens } ? new AuthResult.Succeeded(stub.Issue(tokens)) : result;
    }
}
