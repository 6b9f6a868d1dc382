using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tests.Infrastructure;

namespace Tests.Backend;

public sealed class BackendHttpHandlersTests
{
    [Fact]
    public async Task What_the_backend_sets_for_one_user_is_not_sent_for_the_next()
    {
        var cookies = new List<string>();
        await using var backend = await StartAsync(context =>
        {
            cookies.Add(context.Request.Headers.Cookie.ToString());
            context.Response.Headers.SetCookie = "of=somebody; path=/";
        });
        await using var site = new TestSite().With("Backend:Url", backend.Urls.Single());

        await site.NewBrowser().SignInAsync();
        await site.NewBrowser().SignInAsync();

        Assert.Equal(["", ""], cookies);
    }

    [Fact]
    public async Task A_redirect_of_the_backend_is_not_followed()
    {
        var calls = new List<string>();
        await using var backend = await StartAsync(context =>
        {
            calls.Add(context.Request.Path);
            context.Response.Redirect("/elsewhere", permanent: false, preserveMethod: true);
        });
        await using var site = new TestSite().With("Backend:Url", backend.Urls.Single());

        // An address that the password should not be sent to.
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(["/auth/login"], calls);
    }

    private static async Task<WebApplication> StartAsync(Action<HttpContext> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var backend = builder.Build();
        backend.Run(context =>
        {
            answer(context);
            return Task.CompletedTask;
        });
        await backend.StartAsync();
        return backend;
    }
}
