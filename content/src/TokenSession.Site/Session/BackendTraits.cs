namespace TokenSessionSite.Session;

/// <summary>What a backend does with its tokens. <c>docs/backends.md</c> in the template's repository explains each weakness.</summary>
public sealed record BackendTraits
{
    /// <summary>The default: a refresh token works once, and a sign-out revokes it.</summary>
    public static readonly BackendTraits Strict = new();

    /// <summary>Whether each refresh issues another refresh token (RFC 9700, 4.14.2). Default true.</summary>
    public bool RotatesRefreshTokens { get; init; } = true;

    /// <summary>Whether a refresh token that was exchanged is refused later. Default true.</summary>
    public bool RefusesReuse { get; init; } = true;

    /// <summary>How long a refresh token is still accepted after it was exchanged. Default 0.</summary>
    public TimeSpan ReuseLeeway { get; init; }

    /// <summary>Whether a sign-out makes the refresh token invalid (RFC 7009). Default true. If false, a copy of the refresh token works
    /// until it expires.</summary>
    public bool RevokesRefreshTokens { get; init; } = true;

    /// <summary>Whether a recovery code can replace the one-time code: the login page then has a field for it. Default false.</summary>
    public bool AcceptsRecoveryCodes { get; init; }

    /// <summary>Whether the sign-out requires a valid access token. The site then refreshes an expired one before the sign-out. Default
    /// false.</summary>
    public bool SignOutNeedsAccessToken { get; init; }

    /// <summary>How long an access token is still accepted after its expiry, such as <c>TokenValidationParameters.ClockSkew</c>. Default 0.
    /// </summary>
    public TimeSpan ClockLeeway { get; init; }
}
