using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace EndToEnd;

/// <summary>The site in this process, on its own port, with the demo backend. A browser can visit the site, and a test can read its
/// state.</summary>
public sealed class TestSite : WebApplicationFactory<Program>
{
    private readonly bool isProduction;
    private readonly (string Key, string Value)[] settings;

    /// <param name="isProduction">Like in Production, but over plain HTTP and with the demo backend.</param>
    /// <param name="settings">Additional settings for this site.</param>
    public TestSite(bool isProduction = false, params (string Key, string Value)[] settings)
    {
        (this.isProduction, this.settings) = (isProduction, settings);
        UseKestrel();
        StartServer();
    }

    public Uri Address => ClientOptions.BaseAddress;

    public ShiftedClock Clock { get; } = new();

    public DemoBackend Backend => Services.GetRequiredService<DemoBackend>();

    /// <summary>Holds the second part of each page that is requested with <c>?second-part</c>.</summary>
    public Task RestOfPages { get; set; } = Task.CompletedTask;

    public TokenSessionOptions Options => Services.GetRequiredService<IOptions<TokenSessionOptions>>().Value;

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(isProduction ? "Production" : "Development");
        builder.UseStaticWebAssets();
        // UseKestrel(0) would set the port while the site is already starting, which is sometimes too late.
        builder.UseUrls("http://127.0.0.1:0");
        builder.UseSetting("Backend:Url", isProduction ? $"{DemoBackendHandler.Address}" : "");
        builder.UseSetting("TokenSession:AllowInsecureHttp", "true");
        builder.UseSetting("TokenSession:DataProtectionKeyDirectory", Path.Combine(AppContext.BaseDirectory, "keys"));
        // It ends with a timer, and the clock of these tests jumps past timers.
        builder.UseSetting("TokenSession:RefreshRetryDelay", "00:00:00.010");
        foreach (var (key, value) in settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureServices(services =>
            services
                .AddSingleton<TimeProvider>(Clock)
                .AddSingleton<IStartupFilter, ServiceWorker>()
                .AddSingleton<IStartupFilter>(new SlowNetwork(this))
                .AddTransient<IAuthBackend, DemoAuthBackend>()
                .AddSingleton<AccessTokenRefusal>(DemoAuthBackend.RefusesAccessToken)
                .Configure<MvcOptions>(options => options.Filters.Add(new FailsWhenAsked()))
                .PostConfigureAll<HttpClientFactoryOptions>(options => options.HttpMessageHandlerBuilderActions.Add(TalkToDemoBackend))
        );
        builder.ConfigureLogging(logging =>
            logging
                .AddFilter<ConsoleLoggerProvider>(category: null, LogLevel.Error)
                .AddFilter<ConsoleLoggerProvider>("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None)
                .AddFilter<ConsoleLoggerProvider>("Polly", LogLevel.None)
        );
    }

    private static void TalkToDemoBackend(HttpMessageHandlerBuilder builder)
    {
        builder.PrimaryHandler = ActivatorUtilities.CreateInstance<DemoBackendHandler>(builder.Services);
        builder.AdditionalHandlers.Add(new FileTests.Backend());
    }

    /// <summary>A service worker at <c>/sw.js</c> that sends each request unchanged, like that of many sites.</summary>
    private sealed class ServiceWorker : IStartupFilter
    {
        private const string Script = "addEventListener('fetch', event => event.respondWith(fetch(event.request)));";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.Map(
                    "/sw.js",
                    worker =>
                        worker.Run(context =>
                        {
                            context.Response.ContentType = "text/javascript";
                            return context.Response.WriteAsync(Script);
                        })
                );
                next(app);
            };
    }

    /// <summary>Sends a page in two parts, as a slow network does: everything before the text in <c>?second-part</c>, and the rest after
    /// <see cref="RestOfPages"/>.</summary>
    private sealed class SlowNetwork(TestSite site) : IStartupFilter
    {
        private const string SecondPart = "second-part";

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                app.UseWhen(context => context.Request.Query.ContainsKey(SecondPart), slow => slow.Use(SendInPartsAsync));
                next(app);
            };

        private async Task SendInPartsAsync(HttpContext context, RequestDelegate next)
        {
            var network = context.Response.Body;
            using var page = new MemoryStream();
            context.Response.Body = page;
            await next(context);

            context.Response.Body = network;
            var text = Encoding.UTF8.GetString(page.ToArray());
            var secondPart = $"{context.Request.Query[SecondPart]}";
            var end = text.IndexOf(secondPart, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new InvalidOperationException($"{context.Request.Path} does not contain {secondPart}.");
            }

            await context.Response.WriteAsync(text[..end], context.RequestAborted);
            await site.RestOfPages.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(text[end..], context.RequestAborted);
        }
    }

    /// <summary>Throws an exception in a page (<c>/?fail</c>), or answers with an error (<c>/?fail=403</c>).</summary>
    private sealed class FailsWhenAsked : IAuthorizationFilter
    {
        public void OnAuthorization(AuthorizationFilterContext context)
        {
            if (context.HttpContext.Request is { Path.Value: "/", Query: var query } && query.ContainsKey("fail"))
            {
                context.Result = int.TryParse(query["fail"], out var status)
                    ? new StatusCodeResult(status)
                    : throw new InvalidOperationException("A secret detail of the mistake.");
            }
        }
    }
}
