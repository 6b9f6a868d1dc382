using Refit;
using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>Each test is one requirement of this site for a backend. The message of a failure says whether the site can work without the
/// requirement. </summary>
public abstract class BackendContract : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private NetworkBackend backend = null!;

    private BackendTraits Traits => backend.Adapter.Traits;

    protected abstract Task<NetworkBackend> ConnectAsync();

    public async ValueTask InitializeAsync() => backend = await ConnectAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (backend is not null)
        {
            await backend.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_sign_in_issues_tokens_and_the_lifetime_of_the_access_token()
    {
        var tokens = await SignInAsync();

        Assert.True(
            tokens.Lifetime > TimeSpan.FromSeconds(1),
            $"An access token lives for {tokens.Lifetime}, which is too short for a page."
        );
        Assert.NotEqual(tokens.AccessToken, tokens.RefreshToken);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_as_such() =>
        AssertRefused(
            RejectionReason.InvalidCredentials,
            await backend.SignInAsync(backend.Credentials with { Password = "not the password" }),
            "a user who enters a wrong password must see that it is wrong"
        );

    [Fact]
    public async Task Data_calls_are_answered_with_an_access_token_and_refused_without_a_valid_one()
    {
        var tokens = await SignInAsync();

        Assert.True(
            await backend.AcceptsAsync(tokens.AccessToken),
            "The backend does not accept the access token that it has just issued."
        );
        Assert.False(await backend.AcceptsAsync("not.an.accesstoken"), "The backend answers with any access token.");
    }

    [Fact]
    public async Task A_refresh_token_is_exchanged_for_an_access_token_that_works()
    {
        var tokens = Tokens(await backend.RefreshAsync(await SignInAsync()));

        Assert.True(await backend.AcceptsAsync(tokens.AccessToken), "The backend does not accept the access token of a refresh.");
    }

    [Fact]
    public async Task Each_refresh_issues_another_refresh_token_that_works()
    {
        SkipUnless(
            Traits.RotatesRefreshTokens,
            "A refresh does not change the refresh token: a stolen token works until its session ends (RFC 9700, 4.14)."
        );
        var first = await SignInAsync();
        var second = Tokens(await backend.RefreshAsync(first));
        Tokens(await backend.RefreshAsync(second));

        Assert.True(
            first.RefreshToken != second.RefreshToken,
            "A refresh does not change the refresh token. The site can work with that: set RotatesRefreshTokens to false in the adapter's traits."
        );
    }

    [Fact]
    public async Task A_refresh_token_that_was_used_is_refused()
    {
        SkipUnless(
            Traits is { RotatesRefreshTokens: true, RefusesReuse: true },
            "A used refresh token is accepted again: a stolen token works until it expires."
        );
        SkipUnless(Traits.ReuseLeeway <= LongestWait, $"A used refresh token is accepted again for {Traits.ReuseLeeway}.");
        var first = await SignInAsync();
        Tokens(await backend.RefreshAsync(first));
        AuthResult answer = null!;
        await HappensAsync(async () => (answer = await backend.RefreshAsync(first)) is not AuthResult.Succeeded, Traits.ReuseLeeway);

        AssertRefused(
            RejectionReason.InvalidRefreshToken,
            answer,
            "a stolen refresh token works until its session ends. If the backend accepts it only for a limited time, set ReuseLeeway. If it "
                + "always accepts it, set RefusesReuse to false"
        );
    }

    [Fact]
    public async Task A_refresh_token_that_was_never_issued_is_refused()
    {
        var tokens = await SignInAsync();

        AssertRefused(
            RejectionReason.InvalidRefreshToken,
            await backend.RefreshAsync(tokens with { RefreshToken = "never-issued" }),
            "a session that has ended would look like an outage"
        );
    }

    [Fact]
    public async Task Signing_out_revokes_the_refresh_token_and_may_be_repeated()
    {
        SkipUnless(
            Traits.RevokesRefreshTokens,
            "The backend does not revoke tokens: after a sign-out, a copy of the refresh token works until it expires."
        );
        var tokens = await SignInAsync();
        await backend.Adapter.SignOutAsync(tokens, default);
        await SignOutAgainAsync(tokens);

        AssertRefused(
            RejectionReason.InvalidRefreshToken,
            await backend.RefreshAsync(tokens),
            "a copy of the refresh token still works. If the backend cannot revoke it, set RevokesRefreshTokens to false"
        );
    }

    [Fact]
    public async Task Signing_out_of_one_session_keeps_the_others()
    {
        var (here, elsewhere) = (await SignInAsync(), await SignInAsync());
        await backend.Adapter.SignOutAsync(here, default);

        Tokens(await backend.RefreshAsync(elsewhere));
    }

    [Fact]
    public async Task An_access_token_expires_at_the_announced_time_and_a_refresh_helps()
    {
        var tokens = await SignInAsync();
        Assert.SkipWhen(
            tokens.Lifetime > LongestWait,
            $"An access token lives for {tokens.Lifetime}: for this test, set it to less than a minute."
        );

        SkipUnless(
            Traits.ClockLeeway <= LongestWait,
            $"An expired access token is accepted for {Traits.ClockLeeway}: the site refreshes it before that."
        );
        Assert.True(
            await HappensAsync(async () => !await backend.AcceptsAsync(tokens.AccessToken), tokens.Lifetime + Traits.ClockLeeway),
            "The access token is still accepted ten seconds after its expiry. If the backend tolerates wrong clocks, set ClockLeeway."
        );

        var early = tokens.ExpiresAt - DateTimeOffset.UtcNow;
        Assert.True(early < TimeSpan.FromSeconds(2), $"The access token was refused {early} before its expiry.");
        Assert.True(
            await backend.AcceptsAsync(Tokens(await backend.RefreshAsync(tokens)).AccessToken),
            "After a refresh, the access token is still refused."
        );
    }

    /// <summary>Skips a test if the adapter declares that its backend does not do this. The reason of the skip is the
    /// consequence.</summary>
    private static void SkipUnless(bool isDone, string consequence) => Assert.SkipUnless(isDone, "Declared in the adapter. " + consequence);

    /// <summary>A backend that needs a valid access token may refuse the second sign-out, because the first one ended it.</summary>
    private async Task SignOutAgainAsync(SessionTokens tokens)
    {
        try
        {
            await backend.Adapter.SignOutAsync(tokens, default);
        }
        catch (ApiException) when (Traits.SignOutNeedsAccessToken) { }
    }

    /// <summary>Returns whether this becomes true within the given time plus ten seconds.</summary>
    private static async Task<bool> HappensAsync(Func<Task<bool>> condition, TimeSpan within)
    {
        try
        {
            await Wait.UntilAsync(condition, within + TimeSpan.FromSeconds(10));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<SessionTokens> SignInAsync() =>
        Tokens(await backend.SignInAsync(backend.Credentials), "Check the address, the credentials and the adapter.");

    private static SessionTokens Tokens(AuthResult answer, string hint = "")
    {
        Assert.True(answer is AuthResult.Succeeded, $"No tokens, but {answer}. {hint}");
        return ((AuthResult.Succeeded)answer).Tokens;
    }

    private static void AssertRefused(RejectionReason refusal, AuthResult answer, string otherwise) =>
        Assert.True(
            answer is AuthResult.Rejected rejected && rejected.Reason == refusal,
            $"Not refused as {refusal}, but {answer}: {otherwise}."
        );
}
