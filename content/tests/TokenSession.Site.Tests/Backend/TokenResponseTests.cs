using System.Net;
using System.Text;
using System.Text.Json;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>How tokens and expiry are read in a response, and what the log says if that is not possible.</summary>
public sealed class TokenResponseTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly long UnixNow = Now.ToUnixTimeSeconds();

    [Theory]
    [
        InlineData("access_token", "refresh_token"),
        InlineData("accessToken", "refreshToken"),
        InlineData("AccessToken", "RefreshToken"),
        InlineData("token", "refreshToken"),
        InlineData("jwt", "refreshToken"),
        InlineData("access", "refresh")
    ]
    public async Task The_usual_names_of_the_tokens_are_understood(string access, string refresh)
    {
        var tokens = $"\"{access}\":\"a\",\"{refresh}\":\"r\",\"expires_in\":900";
        string[] bodies =
        [
            "{" + tokens + "}",
            "{\"data\":{" + tokens + "}}",
            "{\"status\":\"ok\",\"data\":{" + tokens + "}}",
            "{\"token_type\":\"Bearer\"," + tokens + ",\"data\":{\"id\":1,\"expires_in\":1}}",
            "{\"data\":[1]," + tokens + "}",
            "{" + tokens + ",\"data\":null}",
        ];
        foreach (var body in bodies)
        {
            Assert.Equal((new("a", Now, Now.AddMinutes(15), "r"), null), await ReadAsync(body));
        }
    }

    [Theory]
    [
        InlineData("""{"access_token":"a","refresh_token":"r","expires_in":900,"data":{"access_token":"b"}}"""),
        InlineData("""{"token":"a","refresh_token":"r","expires_in":900,"data":{"access_token":"b"}}"""),
        InlineData("""{"access_token":"b","data":{"token":"a","refresh_token":"r","expires_in":900}}"""),
        InlineData("""{"token":"b","data":{"access_token":"a","refresh_token":"r","expires_in":900}}"""),
        InlineData("""{"token":"b","jwt":"b","access_token":"a","refresh_token":"r","expires_in":900}"""),
        InlineData("""{"token":{"type":"JWT"},"access_token":"","jwt":"a","refresh":3600,"refreshToken":"r","expires_in":900}""")
    ]
    public async Task Something_else_with_a_name_of_a_token_is_not_taken_for_it(string body) =>
        Assert.Equal((new("a", Now, Now.AddMinutes(15), "r"), null), await ReadAsync(body));

    [Theory]
    [
        InlineData("""{"sub":"7","name":"Ann","email":"ann@example.com","role":["admin","editor"]}""", "7", "Ann", "admin editor"),
        InlineData("""{"sub":"7","preferred_username":"ann","roles":"admin"}""", "7", "ann", "admin"),
        InlineData("""{"sub":"7","email":"ann@example.com"}""", "7", "ann@example.com", ""),
        InlineData("""{"sub":"7"}""", "7", null, "")
    ]
    public async Task An_id_token_says_who_the_user_is(string claims, string id, string? name, string roles)
    {
        var body = $$"""{"access_token":"a","refresh_token":"r","expires_in":900,"id_token":"{{UnsignedJwt.Of(claims)}}"}""";
        foreach (var answer in new[] { body, "{\"data\":" + body + "}" })
        {
            var user = (await ReadAsync(answer)).Tokens!.User!;
            Assert.Equal((id, name, roles), (user.Id, user.Name, string.Join(' ', user.Roles)));
        }
    }

    [Theory]
    [InlineData("null"), InlineData("\"\""), InlineData("\"opaque\""), InlineData("{}"), InlineData("\"a.e30.c\"")]
    public async Task An_id_token_that_cannot_be_read_says_nothing(string idToken)
    {
        var answer = $$"""{"access_token":"a","refresh_token":"r","expires_in":900,"id_token":{{idToken}}}""";
        Assert.Equal((new("a", Now, Now.AddMinutes(15), "r"), null), await ReadAsync(answer));
    }

    [Theory]
    [
        InlineData("\"expires_in\":900", 900),
        InlineData("\"expiresIn\":900", 900),
        InlineData("\"expires_in\":\"900\"", 900),
        InlineData("\"expires_in\":1.5", 1.5),
        InlineData("\"expires_in\":900000", 900_000),
        InlineData("\"expires_in\":315360000", 315_360_000)
    ]
    [InlineData("\"expires\":900000", 900), InlineData("\"expires\":6000", 6), InlineData("\"expires\":\"900000\"", 900)]
    [
        InlineData("\"expires\":\"2026-11-23T12:15:00Z\"", 900),
        InlineData("\"expires\":1795436100", 900),
        InlineData("\"expires\":1795436100000", 900)
    ]
    [
        InlineData("\"expires_at\":\"2026-11-23T12:15:00Z\"", 900),
        InlineData("\"expires_at\":\"2026-11-23T13:15:00+01:00\"", 900),
        InlineData("\"expires_at\":1795436100", 900),
        InlineData("\"expires_at\":1795436100000", 900),
        InlineData("\"expires_at\":\"1795436100\"", 900)
    ]
    [
        InlineData("\"expiresAt\":1795436100", 900),
        InlineData("\"expires_on\":\"1795436100\"", 900),
        InlineData("\"expiration\":\"2026-11-23T12:15:00.0000000Z\"", 900),
        InlineData("\"expiry\":\"2026-11-23T12:15:00Z\"", 900),
        InlineData("\"accessTokenExpiresAt\":\"2026-11-23T12:15:00Z\"", 900),
        InlineData("\"tokenExpires\":1795436100000", 900)
    ]
    [
        InlineData("\"expires_in\":900,\"expires_at\":\"2026-11-23T14:00:00Z\"", 900),
        InlineData("\"expires_in\":0,\"expires_at\":1795436100", 900),
        InlineData("\"expires_in\":\"soon\",\"expires\":900000", 900),
        InlineData("\"expires_at\":\"2026-11-23T12:15:00\",\"expires\":900000", 900)
    ]
    public async Task An_opaque_tokens_expiry_is_read_as_its_name_says(string expiry, double seconds) =>
        Assert.Equal(Now.AddSeconds(seconds), await ExpiryOfAsync("opaque", expiry));

    [Theory]
    [InlineData(4, 3600), InlineData(900, 900_000), InlineData(900, 1), InlineData(900_000, 900)]
    public async Task Expires_in_is_seconds_even_if_a_jwt_has_another_lifetime(int jwt, int expiresIn) =>
        Assert.Equal(Now.AddSeconds(expiresIn), await ExpiryOfAsync(JwtOf(UnixNow, UnixNow + jwt), $"\"expires_in\":{expiresIn}"));

    [Theory]
    [InlineData("\"status\":\"ok\"")]
    [
        InlineData("\"expires_in\":\"3600\""),
        InlineData("\"expires_in\":\"15m\""),
        InlineData("\"expires_in\":0"),
        InlineData("\"expires_in\":-1"),
        InlineData("\"expires_in\":315360001"),
        InlineData("\"expires_in\":1795436100"),
        InlineData("\"expires_in\":1e999"),
        InlineData("\"expires_in\":null"),
        InlineData("\"expires_in\":{}")
    ]
    [
        InlineData("\"expires\":900"),
        InlineData("\"expires\":900000"),
        InlineData("\"expires\":1795436100"),
        InlineData("\"expires\":-1e999")
    ]
    [
        InlineData("\"expires_at\":\"2026-11-23T11:15:00\""),
        InlineData("\"expires_at\":\"2026-11-23T14:15:00\""),
        InlineData("\"expires_at\":\"2026-11-23T14:15:00Z\""),
        InlineData("\"expiration\":\"23.11.2026 14:15\""),
        InlineData("\"expires_at\":\"\"")
    ]
    public async Task The_lifetime_in_a_jwt_counts_more_than_less_certain_values(string expiry) =>
        Assert.Equal(Now.AddMinutes(15), await ExpiryOfAsync(JwtOf(UnixNow, UnixNow + 900), expiry));

    [Theory]
    [InlineData("1795435200", "1795436100"), InlineData("1795435200.5", "1795436100.5"), InlineData("\"1795435200\"", "\"1795436100\"")]
    [InlineData("null", "1795436100"), InlineData("\"now\"", "1795436100"), InlineData("1795435200000", "1795436100")]
    public async Task Times_in_a_jwt_are_numbers_or_texts_of_digits(string iat, string exp) =>
        Assert.Equal(Now.AddMinutes(15), await ExpiryOfAsync(JwtOf(iat, exp)));

    [Theory]
    [InlineData(2), InlineData(-2), InlineData(24 * 365)]
    public async Task The_clock_of_the_backend_can_be_hours_wrong(int hours)
    {
        var theirs = UnixNow + hours * 3600;
        Assert.Equal(Now.AddMinutes(15), await ExpiryOfAsync(JwtOf(theirs, theirs + 900)));
    }

    [Theory]
    [InlineData("1795435200", "1795435200"), InlineData("1795436100", "1795435200"), InlineData("1795435200", "2110795201")]
    [InlineData("null", "1795435199"), InlineData("1795435200", "1795436100000"), InlineData("1795435200", "\"2026-11-23T12:15:00Z\"")]
    public async Task A_jwt_whose_times_make_no_sense_says_nothing(string iat, string exp)
    {
        var jwt = JwtOf(iat, exp);
        Assert.Null((await ReadAsync($$"""{"access_token":"{{jwt}}","refresh_token":"r"}""")).Tokens);
        Assert.Equal(Now.AddMinutes(10), await ExpiryOfAsync(jwt, "\"expires\":600000"));
    }

    [Theory]
    [
        InlineData("""{}""", "access token is missing (looked for access_token, token, jwt, access, in snake or camel case)"),
        InlineData("""{"status":"ok","refresh_token":"secret","expires_in":900}""", "access token is missing"),
        InlineData("""{"access_token":"","refresh_token":"secret","expires_in":900}""", "access token is missing"),
        InlineData("""{"access_token":7,"refresh_token":"secret","expires_in":900}""", "access token is missing"),
        InlineData("""{"access_token":"\ud83d","refresh_token":"secret","expires_in":900}""", "access token is missing"),
        InlineData("""{"data":"secret"}""", "access token is missing")
    ]
    [
        InlineData(
            """{"access_token":"secret","expires_in":900}""",
            "refresh token is missing (looked for refresh_token, refresh, in snake"
        ),
        InlineData("""{"access_token":"secret","refresh_token":null,"expires_in":900}""", "is missing (looked for refresh_token"),
        InlineData("""{"access_token":"secret","refresh_token":"","expires_in":900}""", "ask for the scope offline_access?")
    ]
    [
        InlineData(
            """{"access_token":"secret","refresh_token":"secret"}""",
            "expiry is missing (looked for expires_in, expires_at, expires,"
        ),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_in":0}""", "expires_in does not say when"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_in":-5}""", "expires_in does not say when"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_in":"15m"}""", "expires_in does not say when"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_in":1795436100}""", "expires_in does not say when"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_in":null}""", "expires_in does not say when"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expiresAt":"2026-11-23T12:15:00"}""", "expires_at does not say"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_at":"2026-11-24"}""", "expires_at does not say"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_at":"2026-11-23T11:59:59Z"}""", "expires_at does not say"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expires_at":"2037-01-01T00:00:00Z"}""", "expires_at does not say"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expiration":900}""", "expiration does not say"),
        InlineData("""{"access_token":"secret","refresh_token":"secret","expiration":3600000}""", "expiration does not say")
    ]
    public async Task A_response_that_is_not_understood_is_named_without_its_values(string body, string problem)
    {
        var result = await ReadAsync(body);
        Assert.Null(result.Tokens);
        Assert.Contains(problem, result.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [
        InlineData("""Bearer secret"""),
        InlineData("""secret\n"""),
        InlineData("""secret\u0000"""),
        InlineData("""secret\u007f"""),
        InlineData("""sécret"""),
        InlineData("""secret\ud83d\ude00""")
    ]
    public async Task An_access_token_that_a_header_cannot_contain_is_refused(string token)
    {
        var result = await ReadAsync($$"""{"access_token":"{{token}}","refresh_token":"r","expires_in":900}""");
        Assert.Null(result.Tokens);
        Assert.Contains("no header can carry", result.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_characters_that_a_header_can_contain_are_accepted()
    {
        var token = string.Concat(Enumerable.Range('!', '~' - '!' + 1).Select(character => (char)character));
        var body = JsonSerializer.Serialize(
            new
            {
                access_token = token,
                refresh_token = "r r",
                expires_in = 1,
            }
        );
        Assert.Equal((new(token, Now, Now.AddSeconds(1), "r r"), null), await ReadAsync(body));
    }

    [Theory]
    [
        InlineData("""{"access_token":"a","expires_in":900}"""),
        InlineData("""{"access":"a","refresh":null,"expires_in":900}"""),
        InlineData("""{"data":{"token":"a","refreshToken":"","expires_in":900}}""")
    ]
    public async Task Without_a_new_refresh_token_the_old_one_stays(string body) =>
        Assert.Equal("old", (await ReadAsync(body, refreshToken: "old")).Tokens?.RefreshToken);

    [Fact]
    public async Task A_new_refresh_token_replaces_the_old_one() =>
        Assert.Equal(
            "new",
            (await ReadAsync("""{"access_token":"a","refresh_token":"new","expires_in":900}""", refreshToken: "old")).Tokens?.RefreshToken
        );

    [Theory]
    [
        InlineData("""{"accessToken":"secret","expiresIn":900}""", "but the refresh token is missing (looked for refresh_token"),
        InlineData("""{"accessToken":"secret","refreshToken":"r","expiresAt":"2099"}""", "but expires_at does not say"),
        InlineData("""{"accessToken":"Bearer secret","refreshToken":"r","expiresIn":900}""", "which no header can carry")
    ]
    public async Task A_sign_in_fails_with_the_problem_for_the_log(string body, string problem)
    {
        await using var backend = new CannedBackend(HttpStatusCode.OK, body);
        var result = Assert.IsType<AuthResult.Unrecognized>(await backend.SignInAsync());
        Assert.StartsWith("POST /", result.Answer, StringComparison.Ordinal);
        Assert.Contains(problem, result.Answer, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", $"{result}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_prints_no_token() =>
        Assert.DoesNotContain(
            "secret",
            $"{await DeserializeAsync("""{"access_token":"secret","data":"secret"}""")}",
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("[\"secret\"]"), InlineData("\"secret\""), InlineData("secret"), InlineData("{\"access_token\":\"secret\"")]
    public async Task A_body_that_is_no_json_object_is_refused_without_its_values(string body) =>
        Assert.DoesNotContain(
            "secret",
            $"{await Assert.ThrowsAnyAsync<JsonException>(() => DeserializeAsync(body))}",
            StringComparison.Ordinal
        );

    private static async Task<DateTimeOffset?> ExpiryOfAsync(string token, string expiry = "\"status\":\"ok\"") =>
        (await ReadAsync($$"""{"access_token":"{{token}}","refresh_token":"r",{{expiry}}}""")).Tokens?.ExpiresAt;

    private static async Task<(SessionTokens? Tokens, string? Problem)> ReadAsync(string body, string? refreshToken = null) =>
        (await DeserializeAsync(body))!.Read(Now, refreshToken);

    private static Task<TokenResponse?> DeserializeAsync(string body) =>
        new DataEnvelopeSerializer().FromHttpContentAsync<TokenResponse>(new StringContent(body, Encoding.UTF8, "application/json"));

    private static string JwtOf(object iat, object exp) => UnsignedJwt.Of($$"""{"iat":{{iat}},"exp":{{exp}}}""");
}
