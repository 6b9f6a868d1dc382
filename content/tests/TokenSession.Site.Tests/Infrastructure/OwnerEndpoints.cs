using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Infrastructure;

/// <summary>Adds what an owner could add to the site: endpoints, as if <c>Program</c> mapped them, and middleware before that of the
/// site.</summary>
internal static class OwnerEndpoints
{
    public static TestSite WithEndpoints(this TestSite site, Action<IEndpointRouteBuilder> map) =>
        site.With(services => services.AddSingleton<IStartupFilter>(new Filter(app => { }, app => app.UseEndpoints(map))));

    /// <summary>Middleware that runs before the first middleware of the site.</summary>
    public static TestSite Behind(this TestSite site, Action<IApplicationBuilder> use) =>
        site.With(services => services.AddSingleton<IStartupFilter>(new Filter(use, app => { })));

    private sealed class Filter(Action<IApplicationBuilder> before, Action<IApplicationBuilder> after) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
            app =>
            {
                before(app);
                next(app);
                after(app);
            };
    }
}
