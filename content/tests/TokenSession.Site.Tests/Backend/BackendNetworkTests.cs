using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TokenSessionSite.Tests.Infrastructure;

namespace TokenSessionSite.Tests.Backend;

public sealed class BackendNetworkTests
{
    [Fact]
    public async Task A_redirect_of_the_backend_is_not_followed()
    {
        var calls = new List<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var backend = builder.Build();
        backend.Run(context =>
        {
            calls.Add(context.Request.Path);
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        });
        await backend.StartAsync();
        await using var site = new TestSite().With("Backend:Url", backend.Urls.Single());

        // An address that the password should not be sent to.
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(["/auth/login"], calls);
    }
}
