using System.Security.Claims;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>Which claims the user of a request has.</summary>
public sealed class SessionPrincipalTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    [Theory]
    [
        InlineData("""{"name":"Ada","preferred_username":"ada1","email":"ada@example.com"}""", "Ada"),
        InlineData("""{"preferred_username":"ada1","email":"ada@example.com"}""", "ada1"),
        InlineData("""{"email":"ada@example.com"}""", "ada@example.com"),
        InlineData("""{"name":"","email":"ada@example.com"}""", "ada@example.com"),
        InlineData("""{"sub":"1"}""", null),
        InlineData("""{"name":["Ada"]}""", null)
    ]
    public void The_name_is_the_most_readable_one_in_the_access_token(string claims, string? name) =>
        Assert.Equal(name, PrincipalOf(UnsignedJwt.Of(claims)).Identity?.Name);

    [Theory]
    [
        InlineData("""{"role":"admin"}""", "admin"),
        InlineData("""{"roles":"admin"}""", "admin"),
        InlineData("""{"role":["admin","editor"]}""", "admin editor"),
        InlineData("""{"roles":["admin","editor"]}""", "admin editor"),
        InlineData("""{"role":"admin","roles":["editor"]}""", "admin editor"),
        InlineData("""{"http://schemas.microsoft.com/ws/2008/06/identity/claims/role":"admin"}""", "admin"),
        InlineData("""{"http://schemas.microsoft.com/ws/2008/06/identity/claims/role":["admin","editor"]}""", "admin editor"),
        InlineData("""{"role":7}""", "7"),
        InlineData("""{"roles":["admin",null,{"name":"editor"},""]}""", "admin"),
        InlineData("""{"role":null}""", ""),
        InlineData("""{"scope":"admin"}""", "")
    ]
    public void The_roles_are_one_value_or_an_array_under_three_names(string claims, string roles)
    {
        var user = PrincipalOf(UnsignedJwt.Of(claims));
        var expected = roles.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, user.FindAll(ClaimTypes.Role).Select(claim => claim.Value));
        Assert.All(expected, role => Assert.True(user.IsInRole(role)));
        Assert.False(user.IsInRole("owner"));
    }

    [Theory]
    [InlineData("opaque"), InlineData("a.b.c"), InlineData("eyJhbGciOiJub25lIn0.W10."), InlineData("eyJhbGciOiJub25lIn0.bm90IGpzb24.")]
    public void A_token_without_claims_is_a_user_without_a_name_and_roles(string accessToken)
    {
        var user = PrincipalOf(accessToken);
        Assert.True(user.Identity?.IsAuthenticated);
        Assert.Equal(ClaimTypes.NameIdentifier, Assert.Single(user.Claims).Type);
    }

    [Theory]
    [InlineData("""{"sub":"1","id":"2"}""", "1"), InlineData("""{"id":"2"}""", "2"), InlineData("""{"sub":3}""", "3")]
    public void The_identifier_is_the_subject_of_the_access_token(string claims, string identifier) =>
        Assert.Equal(identifier, PrincipalOf(UnsignedJwt.Of(claims)).FindFirstValue(ClaimTypes.NameIdentifier));

    [Theory]
    [InlineData("opaque", "another"), InlineData("""{"sub":"1","jti":"a"}""", """{"sub":"1","jti":"b","role":"admin"}""")]
    public void The_identifier_stays_with_a_refresh_and_without_a_subject_changes_with_the_session(string before, string after)
    {
        var session = SessionTicket.Start(TokensOf(before), Now, isPersistent: false);
        var refreshed = session.With(1, TokensOf(after));
        Assert.Equal(IdentifierOf(session), IdentifierOf(refreshed));
        Assert.DoesNotContain(session.SessionId, IdentifierOf(session)!, StringComparison.Ordinal);

        var another = SessionTicket.Start(TokensOf(before), Now, isPersistent: false);
        Assert.Equal(before is "opaque", IdentifierOf(session) != IdentifierOf(another));
    }

    [Theory]
    [InlineData(false), InlineData(true)]
    public async Task A_form_that_was_opened_before_a_refresh_can_be_sent_after_it(bool isOpaque)
    {
        await using var site = new TestSite().With(services =>
        {
            if (isOpaque)
            {
                IssuingBackend.Register(services, "opaque", "another");
            }
        });
        var browser = await site.NewSignedInBrowserAsync();
        var field = await browser.OpenFormAsync("/logout");
        site.ExpireAccessTokens();
        await browser.GetAsync("/");
        Assert.Equal(1, site.TicketOf(browser)!.Generation);

        var form = new FormUrlEncodedContent([new("__RequestVerificationToken", field)]);
        var answer = await browser.SendAsync(new(HttpMethod.Post, "/logout") { Content = form });

        answer.ShouldRedirectTo("/");
        Assert.Null(browser.Ticket);
    }

    private static string? IdentifierOf(SessionTicket ticket) => SessionPrincipal.Create(ticket).FindFirstValue(ClaimTypes.NameIdentifier);

    private static ClaimsPrincipal PrincipalOf(string accessToken) =>
        SessionPrincipal.Create(SessionTicket.Start(TokensOf(accessToken), Now, isPersistent: false));

    private static SessionTokens TokensOf(string token) =>
        new(token.StartsWith('{') ? UnsignedJwt.Of(token) : token, Now, Now.AddMinutes(1), "refresh");
}
