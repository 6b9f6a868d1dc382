using Tests.Infrastructure;

namespace Tests.Backend;

/// <summary>Each test is one requirement of this site for a backend. The message of a failure says whether the site can work without the
/// requirement. </summary>
public abstract class BackendContract : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private NetworkBackend backend = null!;

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
    public async Task A_sign_in_issues_tokens_and_tells_how_long_the_access_token_lives()
    {
        var tokens = await SignInAsync();

        Assert.True(
            tokens.Lifetime > TimeSpan.FromSeconds(1),
            $"An access token lives for {tokens.Lifetime}: too short for a page to be made."
        );
        Assert.NotEqual(tokens.AccessToken, tokens.RefreshToken);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_as_such() =>
        AssertRefused(
            RejectionReason.InvalidCredentials,
            await backend.SignInAsync(backend.Credentials with { Password = "not the password" }),
            "whoever mistypes a password must read that it was wrong"
        );

    [Fact]
    public async Task Data_calls_are_answered_for_an_access_token_and_refused_without_a_good_one()
    {
        var tokens = await SignInAsync();

        Assert.True(
            await backend.AcceptsAsync(tokens.AccessToken),
            "The backend does not accept the access token that it has just issued."
        );
        Assert.False(await backend.AcceptsAsync("not.an.accesstoken"), "The backend answers whatever the access token is.");
    }

    [Fact]
    public async Task A_refresh_token_buys_an_access_token_that_works()
    {
        var tokens = Tokens(await backend.RefreshAsync(await SignInAsync()));

        Assert.True(await backend.AcceptsAsync(tokens.AccessToken), "The backend does not accept the access token of a refresh.");
    }

    [Fact]
    public async Task Each_refresh_brings_another_refresh_token_and_that_one_works()
    {
        var first = await SignInAsync();
        var second = Tokens(await backend.RefreshAsync(first));
        Tokens(await backend.RefreshAsync(second));

        Assert.True(
            first.RefreshToken != second.RefreshToken,
            "The refresh token stays the same. The site works with that; but then a stolen one works until its session ends (RFC 9700, 4.14)."
        );
    }

    [Fact]
    public async Task A_refresh_token_that_was_used_is_refused()
    {
        var first = await SignInAsync();
        Tokens(await backend.RefreshAsync(first));

        AssertRefused(
            RejectionReason.InvalidRefreshToken,
            await backend.RefreshAsync(first),
            "a stolen refresh token works until its session ends"
        );
    }

    [Fact]
    public async Task A_refresh_token_that_was_never_issued_is_refused()
    {
        var tokens = await SignInAsync();

        AssertRefused(
            RejectionReason.InvalidRefreshToken,
            await backend.RefreshAsync(tokens with { RefreshToken = "never-issued" }),
            "a session that is over would look like an outage, for ever"
        );
    }

    [Fact]
    public async Task Signing_out_revokes_the_refresh_token_and_may_be_repeated()
    {
        var tokens = await SignInAsync();
        await backend.Adapter.SignOutAsync(tokens, default);
        await backend.Adapter.SignOutAsync(tokens, default);

        AssertRefused(
            RejectionReason.InvalidRefreshToken,
            await backend.RefreshAsync(tokens),
            "whoever has a copy of the refresh token is still signed in"
        );
    }

    [Fact]
    public async Task Signing_out_of_one_session_leaves_the_others()
    {
        var (here, elsewhere) = (await SignInAsync(), await SignInAsync());
        await backend.Adapter.SignOutAsync(here, default);

        Tokens(await backend.RefreshAsync(elsewhere));
    }

    [Fact]
    public async Task An_access_token_expires_when_it_was_said_to_and_a_refresh_helps()
    {
        var tokens = await SignInAsync();
        Assert.SkipWhen(
            tokens.Lifetime > LongestWait,
            $"An access token lives for {tokens.Lifetime}: let it live for less than a minute while this runs, to see it expire."
        );

        Assert.True(await ExpiresAsync(tokens), "The access token is still accepted ten seconds after its end.");

        var early = tokens.ExpiresAt - DateTimeOffset.UtcNow;
        Assert.True(early < TimeSpan.FromSeconds(2), $"The access token was refused {early} before its time.");
        Assert.True(await backend.AcceptsAsync(Tokens(await backend.RefreshAsync(tokens)).AccessToken), "A refresh did not help.");
    }

    private async Task<bool> ExpiresAsync(SessionTokens tokens)
    {
        try
        {
            await Wait.UntilAsync(async () => !await backend.AcceptsAsync(tokens.AccessToken), tokens.Lifetime + TimeSpan.FromSeconds(10));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<SessionTokens> SignInAsync() =>
        Tokens(await backend.SignInAsync(backend.Credentials), "Do address, credentials and adapter fit this backend?");

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
