using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using TokenSessionSite.Backend.Demo;
using TokenSessionSite.Backend.Demo.Account;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Account;

/// <summary>Registers the account pages, and maps the address that password managers open.</summary>
public static class AccountExtensions
{
    public static WebApplicationBuilder AddAccount(this WebApplicationBuilder builder)
    {
        builder.Services.AddAccountServices(builder.Configuration);
        builder.Services.AddTransient<AccountChanger>();
        builder.Services.AddSingleton<DemoAccounts>();
        builder.Services.AddSingleton<IDemoApi>(provider => provider.GetRequiredService<DemoAccounts>());
        builder.Services.AddHttpClient(DemoAccountBackend.UserClient).ToBackend().AddHttpMessageHandler<AccessTokenHandler>();
        builder.Services.AddAccountAdapter();
        return builder;
    }

    /// <summary>Redirects password managers to the page that changes the password (W3C, A Well-Known URL for Changing Passwords).</summary>
    public static WebApplication MapAccount(this WebApplication app)
    {
        app.MapGet(
                "/.well-known/change-password",
                Results<RedirectHttpResult, NotFound> (HttpContext context, LinkGenerator addresses, IAccountBackend account) =>
                    account.Traits.ChangesPasswords
                        ? TypedResults.LocalRedirect(addresses.GetPathByPage(context, "/App/Account/ChangePassword")!)
                        : TypedResults.NotFound()
            )
            .WithMetadata(new SessionEndpointAttribute { Refresh = false });
        return app;
    }

    /// <summary>Registers the adapter of the API. If no address is configured, the pages use the adapter of the demo backend
    /// instead.</summary>
    internal static void AddAccountBackend<TAdapter>(this IServiceCollection services)
        where TAdapter : class, IAccountBackend =>
        services.AddTransient<IAccountBackend>(provider =>
            provider.GetRequiredService<IOptions<BackendOptions>>().Value.IsDemo
                ? ActivatorUtilities.CreateInstance<DemoAccountBackend>(provider)
                : ActivatorUtilities.CreateInstance<TAdapter>(provider)
        );
}
