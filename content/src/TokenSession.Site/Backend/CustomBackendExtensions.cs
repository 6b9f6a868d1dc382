using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Registers the adapter of the custom API.</summary>
internal static class CustomBackendExtensions
{
    public static IServiceCollection AddAdapter(this IServiceCollection services)
    {
        services.AddTransient<IAuthBackend, CustomBackend>();
        services.AddAuthApi<ICustomAuthApi>();
        services.AddDataApi<IBackendApi>();
        services.AddSingleton<AccessTokenRefusal>(CustomBackend.RefusesAccessToken);
        services.AddSingleton<IDemoWireFormat, CustomDemoWireFormat>();
        return services;
    }
}
