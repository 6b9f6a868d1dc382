namespace TokenSessionSite.Backend.Demo;

/// <summary>The result of a call to the demo backend: one of <see cref="DemoTokens"/>, <see cref="DemoUser"/>,
/// <see cref="DemoFailure"/>.</summary>
public abstract record DemoResult
{
    public static implicit operator DemoResult(DemoError error) => new DemoFailure(error);
}

public sealed record DemoTokens(string AccessToken, string? RefreshToken, TimeSpan Lifetime) : DemoResult
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "tokens";
}

/// <param name="Accepts">Determines whether a one-time code is correct; null: the user has no second factor.</param>
/// <param name="RecoveryCodes">The recovery codes. Each one replaces a one-time code once.</param>
public sealed record DemoUser(
    string Email,
    string Password,
    Func<string, bool>? Accepts = null,
    IReadOnlyList<string>? RecoveryCodes = null,
    string Role = "member"
) : DemoResult
{
    /// <summary>Contains no secret.</summary>
    public override string ToString() => "a user";
}

public sealed record DemoFailure(DemoError Error) : DemoResult;

public enum DemoError
{
    BadRequest,
    BadCredentials,
    OtpRequired,
    TokenRejected,
    AccessTokenMissing,
    AccessTokenExpired,
    AccessTokenInvalid,
    NotFound,
    TooManyRequests,
    Unavailable,
}

/// <summary>A session of the demo backend. All its refresh tokens belong to it, and one of them is current.</summary>
public sealed class DemoSession(DemoUser user)
{
    public DemoUser User => user;

    public string? Current { get; set; }

    public bool IsRevoked { get; set; }

    /// <summary>Refresh tokens that were exchanged, but whose response was lost.</summary>
    public HashSet<string> Lost { get; } = [];
}
