using Refit;
using TokenSessionSite.Session;
using TokenSessionSite.Session.Account;

namespace TokenSessionSite.Backend.Account;

/// <summary>Reads the responses of the backend to the tasks of an account. All adapters use these methods.</summary>
internal static class AccountResponseExtensions
{
    /// <summary>Converts a response to a result.</summary>
    /// <param name="response">The response.</param>
    /// <param name="clock">The clock for a <c>Retry-After</c> that is a date.</param>
    /// <param name="refusalOf">Returns what a status code with this error means; null: the adapter does not recognize it. It is not called
    /// for an HTML page, because a firewall or a proxy sent the page, and not the API.</param>
    public static AccountResult ToAccountResult<TError>(
        this IApiResponse response,
        TimeProvider clock,
        Func<int, TError?, AccountResult?> refusalOf
    )
        where TError : class => response.ToAccountResult(clock, status => refusalOf(status, response.ErrorBody<TError>()));

    /// <summary>Converts a response of an API whose errors have a word (<see cref="ErrorResponse"/>).</summary>
    public static AccountResult ToAccountResult(
        this IApiResponse response,
        TimeProvider clock,
        Func<int, string?, AccountResult?> refusalOf
    ) => response.ToAccountResult(clock, status => refusalOf(status, ErrorResponse.Word(ApiResponseExtensions.ErrorText(response) ?? "")));

    /// <summary>Replaces <see cref="AccountResult.Done"/> if a response has no error, but a part of its content is missing.</summary>
    /// <param name="response">The response.</param>
    /// <param name="result">The result of its conversion.</param>
    /// <param name="missing">The missing part, such as "an e-mail address".</param>
    public static AccountResult Without(this IApiResponse response, AccountResult result, string missing) =>
        result is AccountResult.Done ? new AccountResult.Unrecognized($"{response.Describe()}, but without {missing}") : result;

    private static AccountResult ToAccountResult(this IApiResponse response, TimeProvider clock, Func<int, AccountResult?> refusalOf)
    {
        if (response.NetworkFailure() is { } failure)
        {
            return new AccountResult.Unavailable(failure.Reason, OutcomeUnknown: failure.OutcomeUnknown, Exception: failure.Exception);
        }

        var (status, wait) = ((int)response.StatusCode!, response.Headers?.RetryAfter.ToDelay(clock));
        if (status is 408 or 425 or 502 or 503 or 504 || response.IsHtml())
        {
            return new AccountResult.Unavailable(response.Describe(), wait, OutcomeUnknown: status is not (425 or 503));
        }

        return response.IsSuccessStatusCode ? new AccountResult.Done()
            : refusalOf(status) is { } refusal ? refusal
            : status is 429 ? new AccountResult.TooManyAttempts(wait)
            : new AccountResult.Unrecognized(response.Describe());
    }
}
