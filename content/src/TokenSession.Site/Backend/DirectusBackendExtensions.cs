using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Registers the adapter of Directus.</summary>
internal static class DirectusBackendExtensions
{
    public static IServiceCollection AddAdapter(this IServiceCollection services)
    {
        services.AddTransient<IAuthBackend, DirectusBackend>();
        services.AddAuthApi<IDirectusAuthApi>();
        services.AddDataApi<IBackendApi>();
        services.AddSingleton<AccessTokenRefusal>(DirectusBackend.RefusesAccessToken);
        services.AddSingleton<IDemoWireFormat, DirectusDemoWireFormat>();
        return services;
    }
}
