using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Registers the services of the session, adds its middleware and maps its endpoints.</summary>
public static class TokenSessionExtensions
{
    /// <summary>Adds cookie authentication that keeps the tokens of a backend, and authorization.</summary>
    public static WebApplicationBuilder AddTokenSession(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        var section = builder.Configuration.GetSection(TokenSessionOptions.Section);
        services
            .AddOptions<TokenSessionOptions>()
            .Bind(section)
            .Configure(options => RenamedSettings.Bind(section, options))
            .PostConfigure(options => options.SecureCookies = !builder.Environment.IsDevelopment() && !options.AllowInsecureHttp)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TokenSessionOptions>, TokenSessionOptionsValidator>();

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SessionClock>();
        services.AddSessionDirectory();
        services.AddSingleton<TokenFamilySerializer>();
        services.AddSingleton<TokenFamilyCache>();
        services.TryAddSingleton<ITokenFamilyStore, FileTokenFamilyStore>();
        services.TryAddSingleton<IRefreshLock, FileRefreshLock>();
        services.AddHostedService<SessionDirectoryMonitor>();
        services.AddSingleton<BackendCaller>();
        services.AddSingleton<SessionRefresher>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionRefresher>());
        services.AddSingleton<SessionService>();
        services.AddSingleton<PendingSignIn>();
        services.AddSingleton<KeptFormCookie>();
        services.AddSingleton<ISessionBoundCookie>(provider => provider.GetRequiredService<PendingSignIn>());
        services.AddSingleton<ISessionBoundCookie>(provider => provider.GetRequiredService<KeptFormCookie>());
        services.AddSingleton<SessionCookies>();
        services.AddSingleton<SessionAuthenticationEvents>();
        services.AddSingleton<SessionMetrics>();
        services.TryAddSingleton<IAttemptCounter, InMemoryAttemptCounter>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<IDeveloperPageExceptionFilter, RedactCookiesExceptionFilter>();

        var settings = new TokenSessionOptions();
        section.Bind(settings);
        RenamedSettings.Bind(section, settings);
        services.AddDataProtectionKeys(builder.Environment, settings);

        services.AddProblemDetails();
        services.AddAuthorization();
        services.AddAuthentication(TokenSessionOptions.Scheme).AddCookie(TokenSessionOptions.Scheme);
        services
            .AddOptions<CookieAuthenticationOptions>(TokenSessionOptions.Scheme)
            .Configure<IOptions<TokenSessionOptions>, IDataProtectionProvider, IKeyManager, SessionClock>(Configure);
        services.AddSameOriginAntiforgery();
        services
            .AddOptions<AntiforgeryOptions>()
            .Configure<IOptions<TokenSessionOptions>>(
                (antiforgery, session) =>
                {
                    antiforgery.Cookie.Name = session.Value.AntiforgeryCookie;
                    antiforgery.Cookie.Path = "/";
                }
            );
        return builder;
    }

    /// <summary>Adds authentication, authorization and antiforgery. Place it after error handling and before the endpoints.</summary>
    public static WebApplication UseTokenSession(this WebApplication app)
    {
        RenamedSettings.Warn(app.Configuration.GetSection(TokenSessionOptions.Section), app.Logger);
        app.UseMiddleware<CredentialsRequestMiddleware>();
        app.UseMiddleware<SessionCookieMiddleware>();
        app.UseAuthentication();
        app.UseMiddleware<UnreadableTicketMiddleware>();
        app.UseAuthorization();

        // Checks the forms of endpoints like the forms of pages, even if ASP.NET Core 11 has already checked them.
        app.UseAntiforgery();
        return app;
    }

    /// <summary>Maps login, refresh and logout for scripts.</summary>
    public static WebApplication MapTokenSession(this WebApplication app)
    {
        SessionEndpoints.Map(app, app.Services.GetRequiredService<IOptions<TokenSessionOptions>>().Value);
        return app;
    }

    /// <summary>Registers <see cref="SameOriginAntiforgery"/>, which uses the antiforgery of ASP.NET Core.</summary>
    private static void AddSameOriginAntiforgery(this IServiceCollection services)
    {
        services.AddAntiforgery();
        var framework = services.Last(service => service.ServiceType == typeof(IAntiforgery)).ImplementationType!;
        services.AddSingleton<IAntiforgery>(provider =>
            ActivatorUtilities.CreateInstance<SameOriginAntiforgery>(provider, ActivatorUtilities.CreateInstance(provider, framework))
        );
    }

    private static void Configure(
        CookieAuthenticationOptions cookie,
        IOptions<TokenSessionOptions> session,
        IDataProtectionProvider protection,
        IKeyManager keys,
        SessionClock clock
    )
    {
        cookie.Cookie.Name = session.Value.TicketCookie;
        cookie.Cookie.Path = "/";
        cookie.Cookie.SecurePolicy = session.Value.SecureCookies ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        cookie.SlidingExpiration = false;
        cookie.EventsType = typeof(SessionAuthenticationEvents);
        cookie.TimeProvider = clock;
        cookie.TicketDataFormat = new CachingTicketDataFormat(
            new SecureDataFormat<AuthenticationTicket>(new SessionTicketSerializer(), protection.CreateProtector("TokenSession.Ticket.v2")),
            keys,
            clock
        );
    }
}
