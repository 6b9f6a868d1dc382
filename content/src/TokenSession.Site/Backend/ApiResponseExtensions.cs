using System.Text.Json;
using Refit;
using TokenSessionSite.Session;

namespace TokenSessionSite.Backend;

/// <summary>Reads the responses of the backend. All adapters use these methods.</summary>
internal static class ApiResponseExtensions
{
    /// <summary>Reads the body of an error response. Returns null if it is not JSON of this type.</summary>
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

    /// <summary>Reads the tokens in a response. Without tokens, the result is <see cref="AuthResult.Unavailable"/>.</summary>
    /// <param name="refreshToken">The refresh token that was exchanged. It stays valid if the response contains no other.</param>
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
                $"it answered 200 to {PathOf(response)}, but the tokens or their expiry are missing",
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
