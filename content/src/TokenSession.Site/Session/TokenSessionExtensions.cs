using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using TokenSessionSite.Session.Redis;

namespace TokenSessionSite.Session;

/// <summary>The two doors of the session: what it needs, and where it answers.</summary>
public static class TokenSessionExtensions
{
    /// <summary>Adds the session: its settings, its memory, and ASP.NET Core cookie authentication that keeps the tokens.</summary>
    public static WebApplicationBuilder AddTokenSession(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services
            .AddOptions<TokenSessionOptions>()
            .Bind(builder.Configuration.GetSection(TokenSessionOptions.Section))
            .PostConfigure(options => options.SecureCookies = !builder.Environment.IsDevelopment() && !options.AllowInsecureHttp)
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TokenSessionOptions>, TokenSessionOptionsValidator>();

        if (builder.Configuration.GetConnectionString("Redis") is { Length: > 0 } redis)
        {
            // What this session's nodes share.
            services.AddRedisSessions(redis);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ILineageStore, InProcessLineageStore>();
        services.TryAddSingleton<IRefreshTurns, InProcessRefreshTurns>();
        services.AddSingleton<TokenRefresher>();
        services.AddSingleton<RefreshCoordinator>();
        services.AddHostedService(provider => provider.GetRequiredService<RefreshCoordinator>());
        services.AddSingleton<SessionMetrics>();
        services.AddSingleton<BrowserCookies>();
        services.AddSingleton<SignInLimiter>();
        services.AddSingleton<CredentialsCheck>();
        services.AddSingleton<SessionService>();
        services.AddSingleton<SessionCookieEvents>();

        services.AddProblemDetails();
        services.AddSessionKeys(builder.Configuration, builder.Environment);
        services.AddSingleton<IDeveloperPageExceptionFilter, CookielessExceptionPage>();

        // Names of fields in jQuery's syntax: a bracket that nobody closed would be an exception, on pages for guests, too.
        services.PostConfigure<MvcOptions>(mvc => mvc.ValueProviderFactories.RemoveType<JQueryFormValueProviderFactory>());
        services.AddAntiforgery();

        // A forms' cookie that does not open (its keys are lost, somebody made it up) is replaced: no error of this site.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Critical);
        services
            .AddOptions<AntiforgeryOptions>()
            .Configure<IOptions<TokenSessionOptions>>(
                (antiforgery, session) =>
                {
                    antiforgery.Cookie.Name = session.Value.AntiforgeryCookie;
                    antiforgery.Cookie.Path = "/";
                }
            );
        services
            .AddOptions<CookiePolicyOptions>()
            .Configure<IOptions<TokenSessionOptions>>(
                (policy, session) =>
                    policy.Secure = session.Value.SecureCookies ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest
            );
        services.AddAuthentication(TokenSessionOptions.Scheme).AddCookie(TokenSessionOptions.Scheme);
        services
            .AddOptions<CookieAuthenticationOptions>(TokenSessionOptions.Scheme)
            .Configure<IOptions<TokenSessionOptions>, TimeProvider>((cookie, session, time) => Configure(cookie, session.Value, time))
            .PostConfigure<IKeyManager, TimeProvider>(
                (cookie, keys, time) => cookie.TicketDataFormat = new OpenedTickets(cookie.TicketDataFormat, keys, time)
            );
        return builder;
    }

    /// <summary>Puts the session into the pipeline, after error handling and before the pages, and maps login, refresh and logout.</summary>
    public static WebApplication MapTokenSession(this WebApplication app)
    {
        app.UseCookiePolicy();
        app.UseMiddleware<PlainHttpWarning>();
        app.UseMiddleware<BodyLimit>();
        if (app.Services.GetService<NotReadyYet>() is not null)
        {
            app.UseMiddleware<NotReadyYet>();
        }

        app.UseAuthentication();
        app.UseMiddleware<SessionCookieWriter>();
        app.UseAuthorization();
        SessionEndpoints.Map(app, app.Services.GetRequiredService<IOptions<TokenSessionOptions>>().Value);
        return app;
    }

    private static void Configure(CookieAuthenticationOptions cookie, TokenSessionOptions session, TimeProvider time)
    {
        cookie.Cookie.Name = session.TicketCookie;
        cookie.Cookie.Path = "/";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = session.SecureCookies ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        cookie.Cookie.IsEssential = true;
        cookie.SlidingExpiration = false;
        cookie.ExpireTimeSpan = session.AbsoluteTimeout;
        cookie.LoginPath = session.LoginPath;
        cookie.LogoutPath = session.LogoutPath;
        cookie.ReturnUrlParameter = ReturnUrl.Parameter;
        cookie.EventsType = typeof(SessionCookieEvents);
        cookie.TimeProvider = time;
    }
}
