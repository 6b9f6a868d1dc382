namespace TokenSessionSite.Backend;

/// <summary>Registers the adapter of the ASP.NET Core Identity endpoints.</summary>
internal static class IdentityBackendExtensions
{
    public static IServiceCollection AddAdapter(this IServiceCollection services)
    {
        services.AddAuthBackend<IdentityBackend>(IdentityBackend.RefusesAccessToken);
        services.AddAuthApi<IIdentityAuthApi>();
        services.AddDataApi<IBackendApi>();
        return services;
    }
}
