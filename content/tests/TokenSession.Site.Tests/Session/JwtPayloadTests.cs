using System.Security.Claims;
using Tests.Infrastructure;

namespace Tests.Session;

/// <summary>How the claims of an access token are read. <see cref="Backend.TokenResponseTests"/> tests its times.</summary>
public sealed class JwtPayloadTests
{
    [Theory]
    [
        InlineData("""{"sub":"1","nameid":"2","id":"3"}""", "1"),
        InlineData("""{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier":"1","id":"3"}""", "1"),
        InlineData("""{"nameid":"2","id":"3"}""", "2"),
        InlineData("""{"sub":"","id":3}""", "3"),
        InlineData("""{"sub":["1"],"email":"ada@example.com"}""", null)
    ]
    public void The_subject_has_a_short_or_a_long_name(string claims, string? subject) => Assert.Equal(subject, Read(claims).Subject);

    [Theory]
    [
        InlineData("""{"email":"a@example.com"}""", "a@example.com"),
        InlineData("""{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress":"a@example.com"}""", "a@example.com"),
        InlineData(
            """{"email":null,"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress":"a@example.com"}""",
            "a@example.com"
        ),
        InlineData("""{"email":7}""", "7"),
        InlineData("""{"email":7.5}""", null),
        InlineData("""{"email":true}""", null),
        InlineData("""{"email":"\ud83d"}""", null),
        InlineData("""{"email":["a@example.com"]}""", null),
        InlineData("""["email"]""", null)
    ]
    public void A_text_is_the_first_of_several_names_that_has_one(string claims, string? text) =>
        Assert.Equal(text, Read(claims).Text("email", ClaimTypes.Email));

    [Theory]
    [
        InlineData("""{"role":"admin"}""", "admin"),
        InlineData("""{"role":["admin","editor"]}""", "admin editor"),
        InlineData("""{"roles":["admin","editor"],"role":"owner"}""", "owner admin editor"),
        InlineData("""{"http://schemas.microsoft.com/ws/2008/06/identity/claims/role":["admin",7,null,"","\ud83d",{},["x"]]}""", "admin 7"),
        InlineData("""{"role":{"admin":true}}""", ""),
        InlineData("""{}""", "")
    ]
    public void Texts_are_those_of_all_names_and_of_arrays(string claims, string texts) =>
        Assert.Equal(texts, string.Join(' ', Read(claims).Texts("role", "roles", ClaimTypes.Role)));

    [Theory]
    [
        InlineData("1700000000", 1_700_000_000.0),
        InlineData("\"1700000000\"", 1_700_000_000.0),
        InlineData("\"1700000000.5\"", 1_700_000_000.5),
        InlineData("\"+1700000000\"", null),
        InlineData("\"1,700,000,000\"", null),
        InlineData("\"1.7e9\"", null),
        InlineData("\"\"", null),
        InlineData("0", null),
        InlineData("-1", null),
        InlineData("1e999", null),
        InlineData("1700000000000", null),
        InlineData("[1700000000]", null)
    ]
    public void A_time_is_a_number_of_seconds_or_its_digits(string exp, double? seconds) =>
        Assert.Equal(seconds is null ? null : DateTimeOffset.UnixEpoch.AddSeconds(seconds.Value), Read($$"""{"exp":{{exp}}}""").ExpiresAt);

    private static JwtPayload Read(string claims) => JwtPayload.Read(UnsignedJwt.Of(claims));
}
