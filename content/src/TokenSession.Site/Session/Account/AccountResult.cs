namespace TokenSessionSite.Session.Account;

/// <summary>The answer of a backend to a task of an account.</summary>
public abstract record AccountResult
{
    private AccountResult() { }

    /// <summary>The same answer, to a call before the change: nothing was changed.</summary>
    public AccountResult BeforeChange() => this is Unavailable unavailable ? unavailable with { OutcomeUnknown = false } : this;

    /// <summary>The task is done, or a mail with the next step is on its way.</summary>
    /// <param name="Tokens">Tokens that the backend issued for the task; null: none.</param>
    /// <param name="Email">The address of the account, if the adapter knows it.</param>
    public sealed record Done(SessionTokens? Tokens = null, string? Email = null) : AccountResult
    {
        /// <summary>True if the backend ended the sessions of the user. Without <paramref name="Tokens"/>, the site then signs out.</summary>
        public bool EndedSessions { get; init; }

        /// <summary>True if the change takes effect when the user has opened a link in a mail.</summary>
        public bool WaitsForMail { get; init; }

        /// <summary>The codes that replace a lost device. The backend shows them once. Default: none.</summary>
        public IReadOnlyList<string> RecoveryCodes { get; init; } = [];

        /// <summary>Contains no secret.</summary>
        public override string ToString() => "done";
    }

    /// <summary>What is known of the account.</summary>
    /// <param name="Email">Its e-mail address; null: unknown.</param>
    /// <param name="HasTwoFactor">Whether a second factor is on; null: unknown.</param>
    /// <param name="RecoveryCodesLeft">How many recovery codes are left; null: the backend has none.</param>
    public sealed record Status(string? Email, bool? HasTwoFactor, int? RecoveryCodesLeft = null) : AccountResult;

    /// <summary>A second factor that waits for its first code.</summary>
    /// <param name="Secret">The secret in Base32, to type (RFC 4648, 6).</param>
    /// <param name="Uri">The same for a QR code: <c>otpauth://totp/...</c>.</param>
    public sealed record TwoFactorSetup(string Secret, string Uri) : AccountResult
    {
        /// <summary>Tokens for this user, if the backend ended the sessions of the user when it made the secret; null: it did
        /// not.</summary>
        public SessionTokens? Tokens { get; init; }

        /// <summary>Contains no secret.</summary>
        public override string ToString() => "a second factor";
    }

    /// <summary>The link was used before, is too old, or is unknown.</summary>
    public sealed record LinkInvalid : AccountResult;

    /// <summary>The backend refused what the user entered.</summary>
    /// <param name="Field">The field that is wrong.</param>
    /// <param name="Reason">What the backend says of it, for the user to read, such as its rules for passwords; null: the page says it.
    /// </param>
    public sealed record Refused(AccountField Field, string? Reason = null) : AccountResult
    {
        /// <summary>False if the user entered nothing that could be right: the field was left empty. Guesses are limited. Default true.
        /// </summary>
        public bool IsGuess { get; init; } = true;
    }

    /// <summary>The backend allows no more attempts for now.</summary>
    /// <param name="RetryAfter">When a further attempt may succeed, if that is known.</param>
    public sealed record TooManyAttempts(TimeSpan? RetryAfter = null) : AccountResult;

    /// <summary>The backend does not do this, or not for this user.</summary>
    public sealed record NotOffered : AccountResult;

    /// <summary>The backend answered in a way that the adapter does not recognize (such as an unknown 4xx, or 500). It is logged as an error.
    /// </summary>
    /// <param name="Answer">For the log: the call, the status and the names in the answer. Contains no value that may be secret.</param>
    public sealed record Unrecognized(string Answer) : AccountResult;

    /// <summary>No answer.</summary>
    /// <param name="Reason">For the log. Contains no value that may be secret.</param>
    /// <param name="RetryAfter">What the backend asked for, if it did.</param>
    /// <param name="OutcomeUnknown">The request was sent, and the backend may have carried it out.</param>
    /// <param name="Exception">For the log.</param>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter = null, bool OutcomeUnknown = false, Exception? Exception = null)
        : AccountResult;
}

/// <summary>A field of a form of the account. The pages name their fields like this.</summary>
public enum AccountField
{
    Email,

    /// <summary>The current password.</summary>
    Password,
    NewPassword,

    /// <summary>The one-time code.</summary>
    Code,
}
