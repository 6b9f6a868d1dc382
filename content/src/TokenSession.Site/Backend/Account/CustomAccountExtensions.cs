namespace TokenSessionSite.Backend.Account;

/// <summary>Registers the adapter of the custom API for an account.</summary>
internal static class CustomAccountExtensions
{
    public static IServiceCollection AddAccountAdapter(this IServiceCollection services)
    {
        services.AddAccountBackend<CustomAccountBackend>();
        services.AddAuthApi<ICustomAccountApi>();
        services.AddDataApi<ICustomProfileApi>();
        return services;
    }
}
