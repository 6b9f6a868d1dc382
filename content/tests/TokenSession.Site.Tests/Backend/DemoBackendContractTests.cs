using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The demo backend meets the contract over HTTP, so the results of the other tests with it are valid.</summary>
public sealed class DemoBackendContractTests : BackendContract
{
    private readonly DemoBackendServer server = new(TimeProvider.System);

    public DemoBackendContractTests() => server.Backend.AccessTokenLifetime = TimeSpan.FromSeconds(5);

    protected override async Task<NetworkBackend> ConnectAsync() =>
        new(await server.StartAsync(), new Credentials(DemoBackend.Email, DemoBackend.Password), isDemo: true);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.DisposeAsync();
    }
}
