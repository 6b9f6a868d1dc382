namespace TokenSessionSite.Backend;

/// <summary>Registers the adapter of Directus.</summary>
internal static class DirectusBackendExtensions
{
    public static IServiceCollection AddAdapter(this IServiceCollection services)
    {
        services.AddAuthBackend<DirectusBackend>(DirectusBackend.RefusesAccessToken);
        services.AddAuthApi<IDirectusAuthApi>();
        services.AddDataApi<IBackendApi>();
        return services;
    }
}
