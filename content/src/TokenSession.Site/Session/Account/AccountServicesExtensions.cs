using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>Registers the services of the account pages.</summary>
public static class AccountServicesExtensions
{
    public static IServiceCollection AddAccountServices(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccountOptions>().Bind(configuration.GetSection(AccountOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccountOptions>, AccountOptionsValidator>();
        services.AddSingleton<AccountService>();
        services.AddSingleton<AccountLinks>();
        services.AddSingleton<AccountNotices>();
        services.AddSingleton<PendingTwoFactor>();
        services.AddSingleton<ISessionBoundCookie>(provider => provider.GetRequiredService<AccountLinks>());
        services.AddSingleton<ISessionBoundCookie>(provider => provider.GetRequiredService<AccountNotices>());
        services.AddSingleton<ISessionBoundCookie>(provider => provider.GetRequiredService<PendingTwoFactor>());
        services.Configure<MvcOptions>(options => options.Filters.Add<TwoFactorSetupFilter>());
        return services;
    }
}
