using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Tests.Infrastructure;

/// <summary>Endpoints that an owner of the site adds.</summary>
internal sealed class OwnEndpoints(Action<IEndpointRouteBuilder> map) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            next(app);
            app.UseEndpoints(map);
        };
}

internal static class OwnEndpointsExtensions
{
    public static TestSite WithEndpoints(this TestSite site, Action<IEndpointRouteBuilder> map) =>
        site.With(services => services.AddSingleton<IStartupFilter>(new OwnEndpoints(map)));
}
