using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session.Account;

/// <summary>Registers what the pages of an account use.</summary>
public static class AccountServicesExtensions
{
    public static IServiceCollection AddAccountServices(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AccountOptions>().Bind(configuration.GetSection(AccountOptions.Section)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccountOptions>, AccountOptionsValidator>();
        services.AddSingleton<AccountService>();
        services.AddSingleton<AccountLinks>();
        services.AddSingleton<PendingTwoFactor>();
        services.Configure<MvcOptions>(options => options.Filters.Add<TwoFactorSetupFilter>());

        // What a page says after a redirect is in this cookie.
        services
            .AddOptions<CookieTempDataProviderOptions>()
            .Configure<IOptions<TokenSessionOptions>>(
                (temporary, session) =>
                {
                    temporary.Cookie.Name = session.Value.HostPrefix + session.Value.CookiePrefix + "_notice";
                    temporary.Cookie.Path = "/";
                    temporary.Cookie.SecurePolicy = session.Value.SecureCookies
                        ? CookieSecurePolicy.Always
                        : CookieSecurePolicy.SameAsRequest;
                }
            );
        return services;
    }
}
