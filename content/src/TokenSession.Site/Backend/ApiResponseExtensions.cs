using System.Text.Json;
using Refit;

namespace TokenSessionSite.Backend;

/// <summary>What adapters read in the same way, whatever their API looks like.</summary>
internal static class ApiResponseExtensions
{
    /// <summary>The body of an error answer, or null when there is none of that shape.</summary>
    public static T? ErrorBody<T>(this IApiResponse response)
        where T : class
    {
        if (response.Error is not ApiException { Content: { Length: > 0 } body })
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The tokens in this answer; if there are none to be found, the backend counts as down.</summary>
    /// <param name="refreshToken">The refresh token that was exchanged; it stays good when the answer brings no other.</param>
    public static AuthAnswer ToAnswer(this IApiResponse<TokenAnswer> response, TimeProvider time, string? refreshToken = null)
    {
        if (!response.IsReceived)
        {
            return response.Error is { } failure ? AuthAnswer.From(failure) : new AuthAnswer.Unavailable("no answer", AnswerLost: true);
        }

        if (!response.IsSuccessStatusCode)
        {
            return new AuthAnswer.Unavailable($"it answered {(int)response.StatusCode!}", response.RetryAfter(time));
        }

        return response.Content?.ToTokens(time.GetUtcNow(), refreshToken) is { } tokens
            ? new AuthAnswer.Issued(tokens)
            : new AuthAnswer.Unavailable("it answered 200 with something other than tokens and their expiry", AnswerLost: true);
    }

    public static TimeSpan? RetryAfter(this IApiResponse response, TimeProvider time) =>
        response.Headers?.RetryAfter switch
        {
            { Delta: { } wait } => wait,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };
}
