using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Tests.Backend;

public sealed class TokenResponseTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("\"expires_in\":900", 900), InlineData("\"expires_in\":\"900\"", 900), InlineData("\"expires_in\":1.5", 1.5)]
    [InlineData("\"expires\":900000", 900), InlineData("\"expires\":6000", 6)]
    [InlineData("\"expires_at\":\"2026-11-23T12:15:00Z\"", 900), InlineData("\"expires_at\":\"2026-11-23T13:15:00+01:00\"", 900)]
    [InlineData("\"expires_at\":1795436100", 900), InlineData("\"expires_at\":1795436100000", 900)]
    [
        InlineData("\"expires\":\"2026-11-23T12:15:00Z\"", 900),
        InlineData("\"expires\":1795436100000", 900),
        InlineData("\"expires_in\":1795436100", 900)
    ]
    public void An_opaque_tokens_expiry_is_read_as_its_name_says(string expiry, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read($$"""{"access_token":"opaque","refresh_token":"r",{{expiry}}}""")?.Lifetime);

    [Theory]
    [
        InlineData(""),
        InlineData(",\"expires_in\":900"),
        InlineData(",\"expires_in\":900000"),
        InlineData(",\"expires\":900"),
        InlineData(",\"expires\":900000")
    ]
    public void A_jwt_decides_whether_it_was_seconds_or_milliseconds(string expiry)
    {
        var tokens = Read(
            $$"""{"access_token":"{{Jwt(new { iat = Now.ToUnixTimeSeconds(), exp = Now.ToUnixTimeSeconds() + 900 })}}","refresh_token":"r"{{expiry}}}"""
        );
        Assert.Equal(Now.AddMinutes(15), tokens?.ExpiresAt);
    }

    [Fact]
    public void A_backend_whose_clock_is_two_hours_off_does_no_harm()
    {
        var theirs = Now.AddHours(2).ToUnixTimeSeconds();
        var tokens = Read($$"""{"access_token":"{{Jwt(new { iat = theirs, exp = theirs + 900 })}}","refresh_token":"r"}""");
        Assert.Equal(Now.AddMinutes(15), tokens?.ExpiresAt);
    }

    [Theory]
    [InlineData("{}"), InlineData("""{"access_token":"a"}"""), InlineData("""{"access_token":"a","refresh_token":"r"}""")]
    [
        InlineData("""{"access_token":"","refresh_token":"r","expires_in":900}"""),
        InlineData("""{"access_token":"a","refresh_token":"r","expires_in":0}""")
    ]
    [
        InlineData("""{"access_token":"a","refresh_token":"r","expires_in":-5}"""),
        InlineData("""{"access_token":"a","refresh_token":"r","expires_in":"soon"}""")
    ]
    [InlineData("""{"access_token":"a","refresh_token":"r","expires_in":null}"""), InlineData("""{"access_token":"a","expires_in":900}""")]
    public void An_answer_that_makes_no_sense_is_no_tokens(string json) => Assert.Null(Read(json));

    [Fact]
    public void Without_a_new_refresh_token_the_old_one_stays() =>
        Assert.Equal("old", Read("""{"access_token":"a","expires_in":900}""", refreshToken: "old")?.RefreshToken);

    private static SessionTokens? Read(string json, string? refreshToken = null) =>
        JsonSerializer.Deserialize<TokenResponse>(json)!.ToTokens(Now, refreshToken);

    private static string Jwt(object claims) =>
        string.Join(
            '.',
            new[] { "{}", JsonSerializer.Serialize(claims), "signature" }.Select(part =>
                Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part))
            )
        );
}
