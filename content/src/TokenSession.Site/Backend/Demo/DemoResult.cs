namespace TokenSessionSite.Backend.Demo;

/// <summary>What the demo backend found: one of <see cref="DemoTokens"/>, <see cref="DemoUser"/>, <see cref="DemoFailure"/>.</summary>
public abstract record DemoResult
{
    public static implicit operator DemoResult(DemoError error) => new DemoFailure(error);
}

public sealed record DemoTokens(string AccessToken, string? RefreshToken, TimeSpan Lifetime) : DemoResult
{
    /// <summary>Never what is secret.</summary>
    public override string ToString() => "tokens";
}

public sealed record DemoUser(string Email, string Password, string? Otp = null, string Role = "member") : DemoResult
{
    /// <summary>Never what is secret.</summary>
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

/// <summary>A session at the demo backend: all refresh tokens that were ever issued for it lead here, one of them is the current.</summary>
public sealed class DemoSession(DemoUser user)
{
    public DemoUser User => user;

    public string? Current { get; set; }

    public bool IsRevoked { get; set; }

    /// <summary>Tokens that were exchanged for an answer that got lost.</summary>
    public HashSet<string> Lost { get; } = [];
}
