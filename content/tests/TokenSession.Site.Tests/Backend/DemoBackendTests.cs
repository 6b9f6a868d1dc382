using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>Other tests require that the demo backend is as strict as the strictest real backend. These tests check it.</summary>
public sealed class DemoBackendTests
{
    private readonly DemoBackend backend = new(TimeProvider.System);

    [Fact]
    public void A_refresh_token_works_once_and_its_second_use_ends_the_session()
    {
        var first = (DemoTokens)backend.SignIn(DemoBackend.Email, DemoBackend.Password, null);
        var second = backend.Exchange(backend.Validate(first.RefreshToken!)!);

        Assert.Null(backend.Validate(first.RefreshToken!));

        Assert.Equal(1, backend.Reuses);
        Assert.Null(backend.Validate(second.RefreshToken!));
        Assert.Equal(0, backend.LiveSessions);
    }

    [Fact]
    public async Task Without_the_sites_single_flight_parallel_refreshes_kill_the_session()
    {
        await using var site = new TestSite();
        var tokens = (DemoTokens)site.Backend.SignIn(DemoBackend.Email, DemoBackend.Password, null);
        using var scope = site.Services.CreateScope();
        var adapter = scope.ServiceProvider.GetRequiredService<IAuthBackend>();

        var answers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => adapter.RefreshAsync(Of(tokens), CancellationToken.None)));

        Assert.Single(answers.OfType<AuthResult.Succeeded>());
        Assert.Equal((1, 0), (site.Backend.Reuses, site.Backend.LiveSessions));
    }

    [Fact]
    public async Task With_phantoms_parallel_refreshes_all_succeed_and_only_one_of_the_new_tokens_lives()
    {
        await using var site = new TestSite();
        site.Backend.Faults.Phantoms = true;
        site.Backend.RevokesOnReuse = false;
        var tokens = (DemoTokens)site.Backend.SignIn(DemoBackend.Email, DemoBackend.Password, null);
        using var scope = site.Services.CreateScope();
        var adapter = scope.ServiceProvider.GetRequiredService<IAuthBackend>();
        var gate = new TaskCompletionSource();
        site.Backend.Faults.Gate = gate.Task;

        var refreshes = Enumerable.Range(0, 2).Select(_ => adapter.RefreshAsync(Of(tokens), CancellationToken.None)).ToList();
        gate.SetResult();
        var issued = (await Task.WhenAll(refreshes)).Cast<AuthResult.Succeeded>().ToList();

        Assert.Single(issued, answer => site.Backend.Validate(answer.Tokens.RefreshToken) is not null);
    }

    [Theory]
    [InlineData("127.0.0.1", HttpStatusCode.OK), InlineData("::1", HttpStatusCode.OK), InlineData("192.0.2.7", HttpStatusCode.Unauthorized)]
    public async Task It_signs_in_clients_on_this_machine_only(string client, HttpStatusCode status)
    {
        await using var site = new TestSite();
        (await site.NewBrowser().From(client).SignInAsync()).ShouldBe(status);
    }

    [Theory]
    [InlineData("X-Forwarded-For"), InlineData("Forwarded"), InlineData("X-Original-For")]
    public async Task What_came_through_a_tunnel_is_not_from_this_machine(string header)
    {
        await using var site = new TestSite();
        var credentials = new { email = DemoBackend.Email, password = DemoBackend.Password };
        (await site.NewBrowser().PostAsync("/api/auth/login", credentials, (header, "for=192.0.2.7"))).ShouldBe(
            HttpStatusCode.Unauthorized
        );
    }

    private static SessionTokens Of(DemoTokens tokens) =>
        new(tokens.AccessToken, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow + tokens.Lifetime, tokens.RefreshToken!);
}
