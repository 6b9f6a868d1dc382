using System.Net;
using Tests.Infrastructure;

namespace Tests.Pages;

public sealed class SessionInspectorTests
{
    [Theory]
    [InlineData("Development", "127.0.0.1", HttpStatusCode.OK), InlineData("Development", "192.0.2.7", HttpStatusCode.NotFound)]
    [InlineData("Production", "127.0.0.1", HttpStatusCode.NotFound), InlineData("Production", "192.0.2.7", HttpStatusCode.NotFound)]
    public async Task It_is_there_in_development_and_for_clients_on_this_machine_only(
        string environment,
        string client,
        HttpStatusCode status
    )
    {
        await using var site = environment is "Production" ? TestSite.InProduction() : new TestSite();
        (await site.NewBrowser().From(client).GetAsync("/dev/session")).ShouldBe(status);
        (await site.NewBrowser().From(client).PostAsync("/dev/session?handler=Break")).ShouldBe(
            status is HttpStatusCode.OK ? HttpStatusCode.BadRequest : status
        );
    }

    [Theory]
    [InlineData("X-Forwarded-For"), InlineData("Forwarded"), InlineData("X-Original-For")]
    public async Task What_came_through_a_tunnel_is_not_from_this_machine(string header)
    {
        await using var site = new TestSite();
        (await site.NewBrowser().From("127.0.0.1").GetAsync("/dev/session", (header, "for=192.0.2.7"))).ShouldBe(HttpStatusCode.NotFound);
    }
}
