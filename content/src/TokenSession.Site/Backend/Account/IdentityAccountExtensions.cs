namespace TokenSessionSite.Backend.Account;

/// <summary>Registers the adapter of the ASP.NET Core Identity endpoints for an account.</summary>
internal static class IdentityAccountExtensions
{
    public static IServiceCollection AddAccountAdapter(this IServiceCollection services)
    {
        services.AddAccountBackend<IdentityAccountBackend>();
        services.AddAuthApi<IIdentityAccountApi>();
        services.AddDataApi<IIdentityProfileApi>();
        return services;
    }
}
