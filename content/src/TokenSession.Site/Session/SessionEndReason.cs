using System.Text.Json;

namespace TokenSessionSite.Session;

/// <summary>Why a session has ended. The login page and the refresh endpoint report it.</summary>
public enum SessionEndReason
{
    /// <summary>The backend ended it, or its cookie is superseded or cannot be decrypted.</summary>
    Ended,

    /// <summary>The user was inactive for <see cref="TokenSessionOptions.IdleTimeout"/>.</summary>
    Idle,

    /// <summary><see cref="TokenSessionOptions.AbsoluteTimeout"/> has passed since the sign-in.</summary>
    Limit,

    /// <summary>The backend refuses this session and accepts others.</summary>
    Refused,

    /// <summary>The user signed out, or signed in again, in this or in another tab.</summary>
    SignedOut,
}

public static class SessionEndReasonExtensions
{
    /// <summary>The name of the query parameter of the login page, and of the member of a problem details response.</summary>
    public const string Parameter = "reason";

    /// <summary>The text for scripts and addresses: <c>ended</c>, <c>idle</c>, <c>limit</c>, <c>refused</c> or <c>signed_out</c>.</summary>
    public static string ToText(this SessionEndReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
}
