using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Logging;
using Refit;
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

        // An address to which the password must not be sent.
        (await site.NewBrowser().SignInAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);

        Assert.Equal(["/auth/login"], calls);
    }

    [Theory]
    [InlineData("gzip"), InlineData("br"), InlineData("deflate")]
    public async Task A_compressed_answer_that_was_not_requested_is_read(string encoding)
    {
        await using var backend = await StartAsync(context => CompressAsync(context, encoding));
        await using var site = NewSite(backend);

        Assert.Equal("small", (await site.Services.GetRequiredService<IItemsApi>().GetAsync()).Name);
    }

    [Fact]
    public async Task The_proxy_forwards_a_compressed_answer_unchanged()
    {
        await using var backend = await StartAsync(context => CompressAsync(context, "br"));
        await using var site = NewSite(backend)
            .With("Backend:ProxyPrefixes:0", "/items")
            .With(services =>
                services.PostConfigureAll<HttpClientFactoryOptions>(client =>
                    client.HttpMessageHandlerBuilderActions.Add(builder =>
                    {
                        if (builder.Name is not "backend proxy")
                        {
                            builder.PrimaryHandler = ActivatorUtilities.CreateInstance<DemoBackendHandler>(builder.Services);
                        }
                    })
                )
            );

        var answer = await (await site.NewSignedInBrowserAsync()).GetAsync("/api/backend/items/1", ("Accept-Encoding", "br"));

        Assert.Equal(["br"], answer.Content.Headers.ContentEncoding);
        await using var json = new BrotliStream(await answer.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.Equal("small", (await JsonSerializer.DeserializeAsync<Item>(json, JsonSerializerOptions.Web))?.Name);
    }

    [Fact]
    public async Task A_body_that_is_cut_off_is_no_unexpected_answer()
    {
        await using var backend = await StartAsync(async context =>
        {
            (context.Response.ContentType, context.Response.ContentLength) = ("application/json", 100);
            await context.Response.WriteAsync("{\"name\":");
        });
        await using var site = NewSite(backend);

        var failure = await Assert.ThrowsAsync<ApiException>(() => site.Services.GetRequiredService<IItemsApi>().GetAsync());

        Assert.IsNotType<JsonException>(failure.InnerException);
    }

    [Theory]
    [InlineData(null, null, ""), InlineData("", "secret", "")]
    [InlineData("site", null, "site:"), InlineData("site", "secret", "site:secret"), InlineData("si:te", "a/b ü", "si%3Ate:a%2Fb%20%C3%BC")]
    public async Task The_client_of_this_site_is_sent_where_tokens_are_issued_and_nowhere_else(string? id, string? secret, string expected)
    {
        var clients = new List<string>();
        await using var backend = await StartAsync(context =>
        {
            var header = context.Request.Headers.Authorization.ToString();
            var client = header.StartsWith("Basic ", StringComparison.Ordinal) ? Convert.FromBase64String(header[6..]) : [];
            clients.Add(Encoding.ASCII.GetString(client));
        });
        await using var site = new TestSite().With("Backend:Url", backend.Urls.Single());
        if (id is not null)
        {
            site.With("Backend:ClientId", id);
        }

        if (secret is not null)
        {
            site.With("Backend:ClientSecret", secret);
        }

        await site.NewBrowser().SignInAsync();
        using var scope = site.Services.CreateScope();
        await scope.ServiceProvider.GetRequiredService<IBackendApi>().GetMeAsync();

        Assert.Equal([expected, ""], clients);
    }

    private static async Task CompressAsync(HttpContext context, string encoding)
    {
        context.Response.Headers.ContentEncoding = encoding;
        context.Response.ContentType = "application/json";
        var body = context.Response.Body;
        await using Stream compressed = encoding switch
        {
            "gzip" => new GZipStream(body, CompressionLevel.Fastest),
            "br" => new BrotliStream(body, CompressionLevel.Fastest),
            _ => new ZLibStream(body, CompressionLevel.Fastest),
        };
        await compressed.WriteAsync("""{"name":"small"}"""u8.ToArray());
    }

    private static TestSite NewSite(WebApplication backend) =>
        new TestSite()
            .With("Backend:Url", backend.Urls.Single())
            .With("Backend:DataRetries", "0")
            .With(services => services.AddDataApi<IItemsApi>());

    private static Task<WebApplication> StartAsync(Action<HttpContext> answer) =>
        StartAsync(context =>
        {
            answer(context);
            return Task.CompletedTask;
        });

    private static async Task<WebApplication> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var backend = builder.Build();
        backend.Run(answer);
        await backend.StartAsync();
        return backend;
    }
}
