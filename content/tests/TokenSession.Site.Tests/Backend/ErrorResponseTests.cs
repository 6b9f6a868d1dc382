namespace Tests.Backend;

/// <summary>The places where the word of an error response is found.</summary>
public sealed class ErrorResponseTests
{
    [Theory]
    [
        InlineData("""{"error":"invalid_grant","error_description":"The token is spent."}""", "invalid_grant"),
        InlineData("""{"code":400,"error_code":"session_not_found","msg":"No session"}""", "session_not_found"),
        InlineData("""{"errorCode":"SESSION_NOT_FOUND"}""", "session_not_found"),
        InlineData("""{"detail":"Token is invalid","code":"token_not_valid"}""", "token_not_valid"),
        InlineData("""{"error":{"code":"locked","message":"Locked"}}""", "locked"),
        InlineData(
            """{"data":null,"error":{"status":401,"name":"UnauthorizedError","message":"Invalid refresh token"}}""",
            "invalid refresh token"
        ),
        InlineData("""{"Message":"Wrong password"}""", "wrong password"),
        InlineData("""{"type":"about:blank","title":"Unauthorized","status":401,"detail":"Failed"}""", "failed")
    ]
    [InlineData("Invalid client request", "invalid client request"), InlineData("\"Invalid client request\"", "invalid client request")]
    [InlineData("", null), InlineData(" ", null), InlineData("[]", null), InlineData("7", null), InlineData("null", null)]
    [InlineData("""{"error":{"name":"UnauthorizedError"}}""", null), InlineData("""{"error":7,"code":null,"message":""}""", null)]
    public void The_word_is_a_text_or_in_one_of_the_usual_places(string body, string? word) => Assert.Equal(word, ErrorResponse.Word(body));
}
