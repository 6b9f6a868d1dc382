using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Tests.Infrastructure;

/// <summary>The whole site in memory, in Development on the demo backend, with a clock that stands still until a test moves it.</summary>
public sealed class TestSite : WebApplicationFactory<Program>
{
    // Ignores Backend__Url, which is only for the contract tests, and a collector of the developer.
    private readonly Dictionary<string, string> settings = new()
    {
        ["Backend:Url"] = "",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "",
        ["TokenSession:DataProtectionKeyDirectory"] = Path.Combine(AppContext.BaseDirectory, "keys"),
    };
    private Action<IServiceCollection> configure = _ => { };

    /// <summary>The default prefix of the site's cookies, which the template derived from the project's name.</summary>
    public static string CookiePrefix { get; } = new TokenSessionOptions().CookiePrefix;

    /// <summary>Starts at the real current time, because cookie containers use the real clock.</summary>
    public FakeTimeProvider Time { get; init; } = new(DateTimeOffset.UtcNow);

    /// <summary>Replaces <see cref="Time"/> if the site corrects the clock of its machine.</summary>
    public TimeProvider? MachineClock { get; init; }

    /// <summary>Whether the site shares its sessions with other processes. If so, <see cref="Families"/> is not available.</summary>
    public bool SharesSessions { get; init; }

    public ForgetfulTokenFamilyStore Families => (ForgetfulTokenFamilyStore)Services.GetRequiredService<ITokenFamilyStore>();

    public LogRecorder Log { get; } = new();

    public string Environment { get; init; } = "Development";

    /// <summary>True to use the adapter of this project. Otherwise, the tests use the adapter of the demo backend, so they do not depend on
    /// the wire format of your API.</summary>
    public bool UsesOwnAdapter { get; init; }

    public DemoBackend Backend => Services.GetRequiredService<DemoBackend>();

    public TokenSessionOptions Options => Services.GetRequiredService<IOptions<TokenSessionOptions>>().Value;

    /// <summary>Replaces the adapter of this project, in a site that has the address of a backend.</summary>
    public static void UseDemoAdapter(IServiceCollection services) =>
        services.AddTransient<IAuthBackend, DemoAuthBackend>().AddSingleton<AccessTokenRefusal>(DemoAuthBackend.RefusesAccessToken);

    public TestSite With(string setting, string value)
    {
        settings[setting] = value;
        return this;
    }

    /// <summary>Without a setting that the tests have by default.</summary>
    public TestSite Without(string setting)
    {
        settings.Remove(setting);
        return this;
    }

    public TestSite With(Action<IServiceCollection> services)
    {
        configure += services;
        return this;
    }

    /// <summary>The site like in production, with the demo backend in place of the network.</summary>
    public static TestSite InProduction() =>
        new TestSite { Environment = "Production" }
            .With("Backend:Url", "https://backend.test")
            .With(services =>
                services.PostConfigureAll<HttpClientFactoryOptions>(client =>
                    client.HttpMessageHandlerBuilderActions.Add(builder =>
                        builder.PrimaryHandler = ActivatorUtilities.CreateInstance<DemoBackendHandler>(builder.Services)
                    )
                )
            );

    /// <summary>Runs the site on a real port, with the limits of a real server.</summary>
    public TestSite OnARealPort()
    {
        UseKestrel(0);
        StartServer();
        return this;
    }

    public TestBrowser NewBrowser(string address = "https://localhost") =>
        new(
            CreateClient(
                new()
                {
                    AllowAutoRedirect = false,
                    HandleCookies = false,
                    BaseAddress = new(address),
                }
            )
        );

    /// <summary>For a site <see cref="OnARealPort"/>: the client of the framework would follow redirects and keep its own
    /// cookies.</summary>
    public TestBrowser NewBrowserOnItsPort()
    {
        var network = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        return new(new HttpClient(network) { BaseAddress = ClientOptions.BaseAddress });
    }

    /// <summary>The address of a page, such as <c>/Login</c>.</summary>
    public string AddressOf(string page) => Services.GetRequiredService<LinkGenerator>().GetPathByPage(page)!;

    /// <summary>Every address at which this site answers, except its files.</summary>
    public IReadOnlyList<string> Paths() =>
        [
            .. Services
                .GetRequiredService<EndpointDataSource>()
                .Endpoints.OfType<RouteEndpoint>()
                .Where(endpoint => endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
                .Select(endpoint =>
                    "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace("{**path}", "items", StringComparison.Ordinal)
                )
                .Distinct(),
        ];

    /// <summary>A request of this browser that the pipeline has not processed.</summary>
    public IServiceScope ContextOf(TestBrowser browser, out HttpContext context)
    {
        var scope = Services.CreateScope();
        context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Headers.Cookie = string.Join("; ", browser.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        return scope;
    }

    /// <summary>A browser that has signed in.</summary>
    public async Task<TestBrowser> NewSignedInBrowserAsync(
        string email = DemoBackend.Email,
        string password = DemoBackend.Password,
        string address = "https://localhost"
    )
    {
        var browser = NewBrowser(address);
        (await browser.SignInAsync(email, password)).EnsureSuccessStatusCode();
        return browser;
    }

    /// <summary>The decrypted ticket in a browser's cookie jar.</summary>
    public SessionTicket? TicketOf(TestBrowser browser)
    {
        var cookie = Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(TokenSessionOptions.Scheme);
        return cookie.TicketDataFormat.Unprotect(browser.Ticket) is { } opened ? SessionTicket.Read(opened.Properties) : null;
    }

    /// <summary>Moves the clock past the expiry of the access token.</summary>
    public void ExpireAccessTokens() => Time.Advance(Backend.AccessTokenLifetime + TimeSpan.FromSeconds(1));

    /// <summary>The number of calls that the site sent to this path of the backend, with or without success.</summary>
    public int Calls(string path) => Backend.CallsTo(path);

    public int RefreshCalls => Calls(DemoAuthBackend.RefreshPath);

    public int UserCalls => Calls(DemoBackendHandler.UserPath);

    /// <summary>Clears the memory as a restart of the process does.</summary>
    public void ForgetTokenFamilies() => Families.Forget();

    /// <summary>Moves the clock in small steps until the answer is there.</summary>
    public async Task AdvanceUntilAsync(Task answer, TimeSpan atMost)
    {
        var step = TimeSpan.FromMilliseconds(100);
        for (var passed = TimeSpan.Zero; !answer.IsCompleted && passed < atMost; passed += step)
        {
            Time.Advance(step);
            await Task.WhenAny(answer, Task.Delay(20));
        }

        await answer.WaitAsync(TimeSpan.FromSeconds(5));
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(Environment);
        foreach (var (key, value) in settings)
        {
            builder.UseSetting(key, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(Log).SetMinimumLevel(LogLevel.Trace));
        builder.ConfigureTestServices(services =>
        {
            services.AddSingleton<IStartupFilter, ClientAddress>();
            services.Replace(ServiceDescriptor.Singleton(MachineClock ?? Time));
            if (MachineClock is null)
            {
                services.Replace(ServiceDescriptor.Singleton(new SessionClock(Time)));
            }

            if (!SharesSessions)
            {
                services.Replace(ServiceDescriptor.Singleton(new SessionDirectory(null, NullLogger<SessionDirectory>.Instance)));
                services.Replace(ServiceDescriptor.Singleton<ITokenFamilyStore, ForgetfulTokenFamilyStore>());
            }

            if (!UsesOwnAdapter)
            {
                UseDemoAdapter(services);
            }

            configure(services);
        });
    }
}
