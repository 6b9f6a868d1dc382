using System.Diagnostics;
using Backends;

// A real backend for the tests of the template:
//   dotnet run --project tests/Backends -- identity|jwt|openiddict --urls http://127.0.0.1:PORT
//     [--access-token-lifetime 00:00:20]
//     [--owner PROCESS_ID]                                           stops when that process has ended
//     [--require-confirmed-email true] [--require-confirmed-account true]   identity only
//     [--reuse-leeway 00:00:00] [--redirect-uri https://HOST/PATH]   openiddict only
if (args is not [var name, .. var options])
{
    Console.Error.WriteLine("Name a backend: identity, jwt or openiddict.");
    return 2;
}

var builder = WebApplication.CreateBuilder(
    new WebApplicationOptions
    {
        Args = options,
        ContentRootPath = AppContext.BaseDirectory,
        EnvironmentName = Environments.Production,
    }
);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);

await using var app = name switch
{
    "identity" => await IdentityBackend.BuildAsync(builder),
    "jwt" => await JwtBackend.BuildAsync(builder),
    "openiddict" => await OpenIddictBackend.BuildAsync(builder),
    _ => throw new ArgumentException($"There is no backend \"{name}\". Name identity, jwt or openiddict."),
};

// A test run that is killed cannot stop its backends.
if (app.Configuration.GetValue<int?>("owner") is { } owner)
    _ = Process.GetProcessById(owner).WaitForExitAsync().ContinueWith(_ => app.StopAsync(), TaskScheduler.Default);
await app.RunAsync();
return 0;
