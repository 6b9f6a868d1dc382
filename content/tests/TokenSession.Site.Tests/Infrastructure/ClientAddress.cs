using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Tests.Infrastructure;

/// <summary>Sets the client address of requests to the address that a test chooses. Without a network, requests have no client
/// address.</summary>
internal sealed class ClientAddress : IStartupFilter
{
    public const string Header = "X-Test-Client";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            app.Use(
                async (context, following) =>
                {
                    if (context.Request.Headers.Remove(Header, out var address))
                    {
                        context.Connection.RemoteIpAddress = IPAddress.Parse(address.ToString());
                    }

                    await following(context);
                }
            );
            next(app);
        };
}
