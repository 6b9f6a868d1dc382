using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Template.Tests.Backends;
using Template.Tests.Infrastructure;

namespace Template.Tests.Strapi;

/// <summary>They run outside CI (<c>dotnet cake --target=Strapi</c>), because Strapi takes minutes to install.</summary>
[Collection(typeof(UndisturbedCollection))]
public sealed class StrapiRecipeTests(StrapiRecipeTests.Site site) : RecipeTests(site), IClassFixture<StrapiRecipeTests.Site>
{
    private static readonly IPAddress Other = IPAddress.Parse("127.0.0.9");

    [Fact]
    public async Task Strapi_counts_the_sign_ins_of_each_client_of_the_site()
    {
        using var strapi = new HttpClient { BaseAddress = site.Backend.Url };
        strapi.DefaultRequestHeaders.Add("X-Forwarded-For", $"{Other}");
        for (var attempt = 0; attempt < StrapiServer.SignInLimit; attempt++)
            await strapi.PostAsJsonAsync("/api/auth/local", new { identifier = RealBackend.Email, password = "wrong" });

        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync });
        var login = new { email = RealBackend.Email, password = RealBackend.Password };
        using var refused = await client.PostAsJsonAsync(new Uri(site.Running.BaseAddress, "/api/auth/login"), login);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        await site.SignInAsync(RealBackend.Email);
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(Other, 0));
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public sealed class Site(TemplatePackage package) : RecipeSite(package, "Strapi")
    {
        public override string RefreshPath => "/api/auth/refresh";

        public override (string Path, int Status) Revocation => ("/api/auth/logout", 200);

        protected override async Task<RealBackend> StartBackendAsync() => await StrapiServer.StartAsync(accessTokenLifetime: 5);
    }
}
