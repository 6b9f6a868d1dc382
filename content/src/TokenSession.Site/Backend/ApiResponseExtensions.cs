using System.Text.Json;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>What all adapters read from an answer in the same way.</summary>
internal static class ApiResponseExtensions
{
    /// <summary>The body of an error answer; null when it has another shape.</summary>
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

    /// <summary>The tokens in this answer. Without them, the backend counts as unavailable.</summary>
    /// <param name="refreshToken">The refresh token that was exchanged. It stays valid when the answer contains no other.</param>
    public static AuthResult ToAuthResult(this IApiResponse<TokenResponse> response, SessionClock clock, string? refreshToken = null)
    {
        if (!response.IsReceived)
        {
            return response.Error is { } failure && AuthResult.FromNetworkFailure(failure) is { } unavailable
                ? unavailable
                : new AuthResult.Unavailable("no answer", OutcomeUnknown: true, Exception: response.Error);
        }

        if (!response.IsSuccessStatusCode)
        {
            return new AuthResult.Unavailable($"it answered {(int)response.StatusCode!} to {PathOf(response)}", response.RetryAfter(clock));
        }

        return response.Content?.ToTokens(clock.GetUtcNow(), refreshToken) is { } tokens
            ? new AuthResult.Succeeded(tokens)
            : new AuthResult.Unavailable(
                $"it answered 200 to {PathOf(response)} without tokens and their expiry",
                OutcomeUnknown: true,
                Exception: response.Error
            );
    }

    public static TimeSpan? RetryAfter(this IApiResponse response, TimeProvider time) =>
        response.Headers?.RetryAfter switch
        {
            { Delta: { } wait } => wait,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };

    private static string? PathOf(IApiResponse response) => response.RequestMessage?.RequestUri?.AbsolutePath;
}
