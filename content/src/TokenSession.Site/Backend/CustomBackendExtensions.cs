namespace TokenSessionSite.Backend;

/// <summary>Registers the adapter of the custom API.</summary>
internal static class CustomBackendExtensions
{
    public static IServiceCollection AddAdapter(this IServiceCollection services)
    {
        services.AddAuthBackend<CustomBackend>(CustomBackend.RefusesAccessToken);
        services.AddAuthApi<ICustomAuthApi>();
        services.AddDataApi<IBackendApi>();
        return services;
    }
}
