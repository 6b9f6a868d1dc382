using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>Your backend: set the environment variables <c>Backend__Url</c>, <c>Backend__Email</c> and <c>Backend__Password</c> to an API
/// and one of its users, whom the tests sign in and out. The tests send one wrong password once.</summary>
public sealed class OwnBackendContractTests : BackendContract
{
    protected override Task<NetworkBackend> ConnectAsync()
    {
        var url = Environment.GetEnvironmentVariable("Backend__Url");
        Assert.SkipWhen(string.IsNullOrWhiteSpace(url), "To ask your own backend, set Backend__Url, Backend__Email and Backend__Password.");
        return Task.FromResult(new NetworkBackend(url, new Credentials(Needed("Backend__Email"), Needed("Backend__Password"))));
    }

    private static string Needed(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException(
                $"Backend__Url is set and {variable} is not: set it too, for a user that these tests may sign in."
            );
}
