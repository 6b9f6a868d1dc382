using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>The demo backend, over HTTP, keeps the contract: so what the other tests show with it can be believed.</summary>
public sealed class DemoBackendContractTests : BackendContract
{
    private readonly DemoBackendServer server = new();

    protected override async Task<NetworkBackend> ConnectAsync() =>
        new(await server.StartAsync(), new Credentials(DemoBackend.Email, DemoBackend.Password), isDemo: true);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.DisposeAsync();
    }
}
