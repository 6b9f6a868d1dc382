using System.Net;
using System.Text;

namespace Tests.Backend.Account;

/// <summary>Answers like Directus.</summary>
internal static class DirectusAnswers
{
    /// <summary>Directus for a user who signs in, has no second factor, and may change everything.</summary>
    public static ScriptedBackend New() =>
        new ScriptedBackend()
            .On("POST /auth/login", body: """{"data":{"expires":900000,"refresh_token":"checked","access_token":"a.b.c"}}""")
            .On("GET /users/me", body: """{"data":{"email":"a@example.com","tfa_secret":null}}""")
            .On("PATCH /users/me", body: """{"data":{"email":"a@example.com"}}""");

    /// <summary>Answers a call with 204.</summary>
    public static ScriptedBackend Accepts(this ScriptedBackend directus, string call) => directus.Answers(call, 204, "");

    /// <summary>Answers a call with an error.</summary>
    public static ScriptedBackend Refuses(this ScriptedBackend directus, string call, int status, string code, string details = "") =>
        directus.Answers(
            call,
            status,
            $$$"""{"errors":[{"message":"Directus says so.","extensions":{{{{details}}}"code":"{{{code}}}"}}]}"""
        );

    /// <summary>Replaces the answers to a call.</summary>
    public static ScriptedBackend Answers(
        this ScriptedBackend directus,
        string call,
        int status,
        string body,
        string? location = null,
        string mediaType = "application/json"
    ) =>
        directus
            .Without(call)
            .On(
                call,
                () =>
                {
                    var response = new HttpResponseMessage((HttpStatusCode)status)
                    {
                        Content = new StringContent(body, Encoding.UTF8, mediaType),
                    };
                    response.Headers.Location = location is null ? null : new(location, UriKind.RelativeOrAbsolute);
                    response.Headers.RetryAfter = status is 429 ? new(TimeSpan.FromSeconds(53)) : null;
                    return response;
                }
            );

    /// <summary>The calls that were made, each with its access token and its body.</summary>
    public static string[] Made(this ScriptedBackend directus) =>
        [
            .. directus.Requests.Select(request =>
                string.Join(
                    ' ',
                    new[] { request.Call, request.Authorization?.Split(' ')[^1], request.Body }.Where(part => part is { Length: > 0 })
                )
            ),
        ];
}
