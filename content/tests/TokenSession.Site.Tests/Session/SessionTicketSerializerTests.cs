using CsCheck;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>The content of the ticket cookie is short and complete.</summary>
public sealed class SessionTicketSerializerTests : IAsyncDisposable
{
    private static readonly Gen<string> Base64UrlPart = from bytes in Gen.Byte.Array[0, 60] select WebEncoders.Base64UrlEncode(bytes);

    /// <summary>Parts that look like base64url, but are not, or are not what an encoder writes.</summary>
    private static readonly Gen<string> OddPart = Gen.OneOf(
        Gen.OneOfConst(
            "",
            "a",
            "ab",
            "abc",
            "abcde",
            "-",
            "_",
            "__",
            "YQ==",
            "YWI=",
            "a+b/",
            "a b",
            " YWJj ",
            "YWJj\n",
            "YR",
            "YQ=",
            "é",
            "日本",
            "😀",
            "\0"
        ),
        Gen.String[Gen.Char['!', '~'], 0, 40],
        from bytes in Gen.Byte.Array[0, 40]
        select Convert.ToBase64String(bytes)
    );

    private static readonly Gen<string> Tokens =
        from parts in Gen.Frequency((3, Base64UrlPart), (1, OddPart)).Array[1, 5]
        select string.Join('.', parts);

    private static readonly Gen<SessionTicket> Tickets =
        from id in Gen.Byte.Array[16]
        from generation in Gen.Int[0, int.MaxValue]
        from tokens in Gen.Select(Tokens, Tokens)
        from ticks in Gen.Long[0, TimeSpan.TicksPerDay * 30].Array[4]
        from isPersistent in Gen.Bool
        let start = DateTimeOffset.UnixEpoch.AddYears(60)
        select new SessionTicket(
            Convert.ToHexStringLower(id),
            generation,
            new(tokens.Item1, start.AddTicks(ticks[0]), start.AddTicks(ticks[1]), tokens.Item2),
            start.AddTicks(ticks[2]),
            start.AddTicks(ticks[3]),
            isPersistent
        );

    private readonly TestSite site = new();

    private ISecureDataFormat<AuthenticationTicket> Format =>
        site.Services.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(TokenSessionOptions.Scheme).TicketDataFormat;

    private IDataProtector Protector =>
        site.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("TokenSession.Ticket.v2");

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact]
    public void Any_ticket_comes_out_as_it_went_in()
    {
        var format = Format;
        Tickets.Sample(
            ticket => Assert.Equal(ticket, SessionTicket.Read(format.Unprotect(Write(format, ticket))!.Properties)),
            iter: 2_000
        );
    }

    [Theory]
    [
        InlineData("opaque"),
        InlineData(""),
        InlineData("."),
        InlineData("a..b"),
        InlineData("..."),
        InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"),
        InlineData("YWI=.YQ==.YWJj"),
        InlineData("YWI+/w==")
    ]
    [
        InlineData("YR.YQ"),
        InlineData("white space\tand\r\nlines"),
        InlineData("Grüße.日本語.😀"),
        InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        InlineData("0123456789ABCDEF0123456789ABCDEF"),
        InlineData("secret-token~with!odd$characters;in,it")
    ]
    public void Tokens_of_any_kind_come_out_as_they_went_in(string token)
    {
        var ticket = Ticket(token, "refresh." + token);
        var read = Format.Unprotect(Write(Format, ticket))!;
        Assert.Equal(ticket, SessionTicket.Read(read.Properties));
        Assert.Equal(
            (token, "refresh." + token),
            (read.Properties.GetTokenValue("access_token"), read.Properties.GetTokenValue("refresh_token"))
        );
        Assert.Equal(TokenSessionOptions.Scheme, read.AuthenticationScheme);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(4), InlineData(0), InlineData(255)]
    public void A_ticket_of_another_version_is_no_ticket(byte version)
    {
        var format = Format;
        var bytes = Protector.Unprotect(WebEncoders.Base64UrlDecode(Write(format, Ticket("access", "refresh"))));
        Assert.NotNull(format.Unprotect(WebEncoders.Base64UrlEncode(Protector.Protect(bytes))));

        bytes[0] = version;

        Assert.Null(format.Unprotect(WebEncoders.Base64UrlEncode(Protector.Protect(bytes))));
    }

    [Fact]
    public void A_ticket_that_is_cut_off_is_no_ticket()
    {
        var format = Format;
        var bytes = Protector.Unprotect(WebEncoders.Base64UrlDecode(Write(format, Ticket("access.token.x", "refresh"))));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Null(format.Unprotect(WebEncoders.Base64UrlEncode(Protector.Protect(bytes[..length]))));
        }
    }

    /// <summary>Bytes take three quarters of their base64url text. The rest of a ticket, about 120 bytes, is the same in both.</summary>
    [Fact]
    public void The_tokens_take_a_quarter_less_than_as_text_and_the_cookie_a_fifth_less()
    {
        var (jwt, refreshToken) = (Jwt(1_200), Convert.ToHexStringLower(new byte[32]));
        var cookie = Write(Format, Ticket(jwt, refreshToken)).Length;

        // With a character that base64url does not have, each part is written as text.
        var text = Write(Format, Ticket(string.Join('.', jwt.Split('.').Select(part => "!" + part[1..])), "!" + refreshToken[1..])).Length;
        Assert.InRange(cookie, 1, text * 0.8);
        Assert.InRange((text - cookie) * 3 / 4, (jwt.Length + refreshToken.Length) * 0.24, (jwt.Length + refreshToken.Length) * 0.26);

        // The framework's own format of the same ticket.
        var framework = Protector.Protect(TicketSerializer.Default.Serialize(Format.Unprotect(Write(Format, Ticket(jwt, refreshToken)))!));
        Assert.InRange(cookie, 1, WebEncoders.Base64UrlEncode(framework).Length * 0.7);
    }

    private static string Jwt(int length)
    {
        var (header, signature) = (new byte[27], new byte[32]);
        var payload = new byte[(length - 36 - 43 - 2) * 3 / 4];
        Random.Shared.NextBytes(payload);
        return string.Join('.', new[] { header, payload, signature }.Select(WebEncoders.Base64UrlEncode));
    }

    private static SessionTicket Ticket(string accessToken, string refreshToken) =>
        SessionTicket.Start(
            new(accessToken, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddMinutes(1), refreshToken),
            DateTimeOffset.UnixEpoch,
            isPersistent: true
        );

    private static string Write(ISecureDataFormat<AuthenticationTicket> format, SessionTicket ticket)
    {
        var properties = new AuthenticationProperties();
        ticket.WriteTo(properties);
        return format.Protect(new(SessionPrincipal.Create(ticket), properties, TokenSessionOptions.Scheme));
    }
}
