using System.Text.Json;

namespace Tests.Backend;

public sealed class BackendUserTests
{
    [Theory]
    [
        InlineData("""{"id":"7","email":"ada@example.com"}""", "7"),
        InlineData("""{"id":7,"documentId":8,"userName":9,"email":"ada@example.com"}""", "7"),
        InlineData("""{"id":9007199254740993,"email":"ada@example.com"}""", "9007199254740993"),
        InlineData("""{"sub":"7","email":"ada@example.com"}""", "7"),
        InlineData("""{"sub":7,"email":"ada@example.com"}""", "7"),
        InlineData("""{"sub":"8","id":"7","email":"ada@example.com"}""", "7"),
        InlineData("""{"id":"7","sub":"8","email":"ada@example.com"}""", "7"),
        InlineData("""{"id":null,"sub":"7","email":"ada@example.com"}""", "7"),
        InlineData("""{"Id":"7","Email":"ada@example.com"}""", "7"),
        InlineData("""{"email":"ada@example.com","isEmailConfirmed":true}""", null)
    ]
    public void The_id_is_a_text_or_a_number_with_one_of_two_names(string body, string? id) =>
        Assert.Equal(new BackendUser(id, "ada@example.com"), JsonSerializer.Deserialize<BackendUser>(body, JsonSerializerOptions.Web));

    [Theory]
    [InlineData("7", "ada@example.com", """{"id":"7","email":"ada@example.com"}"""), InlineData(null, null, """{"id":null,"email":null}""")]
    public void A_user_is_written_with_the_names_that_are_read(string? id, string? email, string json) =>
        Assert.Equal(json, JsonSerializer.Serialize(new BackendUser(id, email)));
}
