using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>What the session gives to an adapter, and what it does with the answers.</summary>
public sealed class AuthBackendTests
{
    private readonly StubBackend stub = new();
    private Func<Task> beforeReplacing = () => Task.CompletedTask;

    [Fact]
    public async Task A_sign_in_gets_the_address_and_the_user_agent_of_the_client()
    {
        await using var site = NewSite();
        var credentials = new { email = DemoBackend.Email, password = DemoBackend.Password };
        await site.NewBrowser().From("127.0.0.2").PostAsync("/api/auth/login", credentials, ("User-Agent", "Test/1.0"));

        Assert.Equal(new ClientInfo(IPAddress.Parse("127.0.0.2"), "Test/1.0"), Assert.Single(stub.Clients));
    }

    [Theory]
    [InlineData(true, 1), InlineData(false, 0)]
    public async Task A_sign_out_that_needs_a_valid_access_token_is_preceded_by_a_refresh(bool isNeeded, int refreshes)
    {
        stub.Traits = new() { SignOutNeedsAccessToken = isNeeded };
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        site.ExpireAccessTokens();

        (await browser.SignOutAsync()).ShouldBe(HttpStatusCode.NoContent);

        Assert.Equal(refreshes, site.RefreshCalls);
        Assert.Equal(isNeeded, site.Time.GetUtcNow() < Assert.Single(stub.SignOuts).ExpiresAt);
        Assert.Equal(0, site.Backend.LiveSessions);
    }

    [Fact]
    public async Task The_user_in_the_answer_becomes_claims_and_stays_after_a_refresh_that_says_nothing()
    {
        stub.Issue = tokens => tokens with { AccessToken = "opaque-1", User = new("7", "Ada", "admin", "editor") };
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        Assert.Equal("7 Ada admin,editor", await WhoAmIAsync(browser));

        stub.Issue = tokens => tokens with { AccessToken = "opaque-2" };
        site.ExpireAccessTokens();
        Assert.Equal("7 Ada admin,editor", await WhoAmIAsync(browser));
        Assert.Equal("opaque-2", site.TicketOf(browser)!.Tokens.AccessToken);

        stub.Issue = tokens => tokens with { AccessToken = "opaque-3", User = new("7", "Ada", "reader") };
        site.ExpireAccessTokens();
        Assert.Equal("7 Ada reader", await WhoAmIAsync(browser));
    }

    [Fact]
    public async Task A_forced_refresh_brings_new_roles_though_the_token_is_fresh()
    {
        stub.Issue = tokens => tokens with { AccessToken = "opaque-1", User = new("7", "Ada", "reader") };
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();

        stub.Issue = tokens => tokens with { AccessToken = "opaque-2", User = new("7", "Ada", "admin") };
        (await browser.PostAsync("/refresh-now")).ShouldBe(HttpStatusCode.OK);

        Assert.Equal(1, site.RefreshCalls);
        Assert.Equal("7 Ada admin", await WhoAmIAsync(browser));
    }

    [Fact]
    public async Task A_session_begins_with_tokens_that_came_another_way_and_ends_the_one_before()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var before = site.TicketOf(browser)!;

        (await browser.PostAsync("/adopt")).ShouldBe(HttpStatusCode.OK);

        Assert.NotEqual(before.SessionId, site.TicketOf(browser)!.SessionId);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 1);
        site.ExpireAccessTokens();
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Tokens_that_come_after_the_sign_out_are_revoked()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var late = site.NewBrowser().With(browser.Cookies);
        beforeReplacing = browser.SignOutAsync;

        await late.PostAsync("/replace");

        await Wait.UntilAsync(() => site.Backend.LiveSessions is 0);
    }

    /// <summary>Like the handler of OpenID Connect, which answers before the session of the request is evaluated.</summary>
    [Fact]
    public async Task A_session_begins_with_tokens_from_another_authentication_handler_and_ends_the_one_before()
    {
        await using var site = NewSite()
            .With(services => services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, RemoteSignIn>("Remote", null));
        var browser = await site.NewSignedInBrowserAsync();
        var before = site.TicketOf(browser)!;

        (await browser.GetAsync(RemoteSignIn.Path)).ShouldRedirectTo("/app");

        Assert.NotEqual(before.SessionId, site.TicketOf(browser)!.SessionId);
        (await browser.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        await Wait.UntilAsync(() => site.Backend.LiveSessions is 1);

        var guest = site.NewBrowser();
        (await guest.GetAsync(RemoteSignIn.Path)).ShouldRedirectTo("/app");
        (await guest.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_tokens_of_a_session_are_replaced_without_a_sign_out()
    {
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var before = site.TicketOf(browser)!;
        var otherTab = site.NewBrowser().With(browser.Cookies);

        (await browser.PostAsync("/replace")).ShouldBe(HttpStatusCode.OK);

        var after = site.TicketOf(browser)!;
        Assert.Equal((before.SessionId, before.StartedAt, 1), (after.SessionId, after.StartedAt, after.Generation));
        Assert.NotEqual(before.Tokens.RefreshToken, after.Tokens.RefreshToken);
        Assert.Empty(stub.SignOuts);
        (await otherTab.GetAsync("/app")).ShouldBe(HttpStatusCode.OK);
        Assert.Equal(after.Tokens.AccessToken, site.TicketOf(otherTab)!.Tokens.AccessToken);
        (await site.NewBrowser().PostAsync("/replace")).ShouldBe(HttpStatusCode.Conflict);
    }

    /// <summary>An opaque access token does not name the user. Then the session id takes the place of the user's id.</summary>
    [Theory, InlineData(null), InlineData("Ada")]
    public async Task A_restarted_session_refuses_older_cookies_and_keeps_the_id_of_its_user(string? name)
    {
        stub.Issue = tokens => tokens with { AccessToken = Guid.NewGuid().ToString(), User = name is null ? null : new(null, name) };
        await using var site = NewSite();
        var browser = await site.NewSignedInBrowserAsync();
        var copy = browser.Copy();
        var (before, user) = (site.TicketOf(browser)!, await WhoAmIAsync(browser));

        (await browser.PostAsync("/restart")).ShouldBe(HttpStatusCode.OK);

        Assert.NotEqual(before.SessionId, site.TicketOf(browser)!.SessionId);
        Assert.Equal(user, await WhoAmIAsync(browser));
        (await copy.GetAsync("/app")).ShouldRedirectTo("/login");
        site.ExpireAccessTokens();
        Assert.Equal(user, await WhoAmIAsync(browser));
        Assert.Equal(1, site.RefreshCalls);
    }

    private TestSite NewSite() => new TestSite().With(stub.Register).WithEndpoints(MapEndpoints);

    private void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/who-am-i", (ClaimsPrincipal user) => $"{IdOf(user)} {user.Identity!.Name} {RolesOf(user)}").RequireAuthorization();
        routes
            .MapPost(
                "/refresh-now",
                (HttpContext context, SessionService sessions) => sessions.EnsureFreshAsync(context, false, force: true)
            )
            .RequireAuthorization();
        routes.MapPost(
            "/adopt",
            (HttpContext context, SessionService sessions) => sessions.SignInAsync(context, NewTokens(context), false)
        );
        routes
            .MapPost(
                "/restart",
                (HttpContext context, SessionService sessions) =>
                    sessions.RestartAsync(context, NewTokens(context) with { AccessToken = Guid.NewGuid().ToString() })
            )
            .WithMetadata(new SessionEndpointAttribute());
        routes
            .MapPost(
                "/replace",
                async (HttpContext context, SessionService sessions) =>
                {
                    await beforeReplacing();
                    try
                    {
                        await sessions.ReplaceTokensAsync(context, NewTokens(context));
                        return Results.Ok();
                    }
                    catch (InvalidOperationException)
                    {
                        return Results.Conflict();
                    }
                }
            )
            .WithMetadata(new SessionEndpointAttribute());
    }

    private static string? IdOf(ClaimsPrincipal user) => user.FindFirstValue(ClaimTypes.NameIdentifier);

    private static string RolesOf(ClaimsPrincipal user) => string.Join(',', user.FindAll(ClaimTypes.Role).Select(role => role.Value));

    private static SessionTokens NewTokens(HttpContext context)
    {
        var backend = context.RequestServices.GetRequiredService<DemoBackend>();
        var now = context.RequestServices.GetRequiredService<SessionClock>().GetUtcNow();
        var issued = (DemoTokens)backend.SignIn(DemoBackend.Email, DemoBackend.Password);
        return new(issued.AccessToken, now, now + issued.Lifetime, issued.RefreshToken!);
    }

    private static async Task<string> WhoAmIAsync(TestBrowser browser) =>
        await (await browser.GetAsync("/who-am-i")).Content.ReadAsStringAsync();

    private sealed class RemoteSignIn(
        IOptionsMonitor<AuthenticationSchemeOptions> options,
        ILoggerFactory logger,
        UrlEncoder encoder,
        SessionService sessions
    ) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder), IAuthenticationRequestHandler
    {
        public const string Path = "/signed-in";

        public async Task<bool> HandleRequestAsync()
        {
            if (Request.Path != Path)
            {
                return false;
            }

            await sessions.SignInAsync(Context, NewTokens(Context), isPersistent: false);
            Response.Redirect("/app");
            return true;
        }

        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }
}
