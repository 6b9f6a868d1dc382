namespace TokenSessionSite.Backend.Account;

/// <summary>Registers the adapter of Directus for an account.</summary>
internal static class DirectusAccountExtensions
{
    public static IServiceCollection AddAccountAdapter(this IServiceCollection services)
    {
        services.AddAccountBackend<DirectusAccountBackend>();
        services.AddAuthApi<IDirectusAccountApi>();
        services.AddDataApi<IDirectusProfileApi>();
        return services;
    }
}
