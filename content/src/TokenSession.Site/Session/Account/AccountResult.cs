namespace TokenSessionSite.Session.Account;

/// <summary>The answer of a backend to a task of an account.</summary>
public abstract record AccountResult
{
    private AccountResult() { }

    /// <summary>Returns this answer for a call before the change: nothing was changed.</summary>
    public AccountResult BeforeChange() => this is Unavailable unavailable ? unavailable with { OutcomeUnknown = false } : this;

    /// <summary>The task is done, or a mail with the next step is on its way.</summary>
    /// <param name="Tokens">Tokens that the backend issued for the task; null: none.</param>
    /// <param name="Email">The address of the account, if the adapter knows it.</param>
    public sealed record Done(SessionTokens? Tokens = null, string? Email = null) : AccountResult
    {
        /// <summary>True if the backend ended the sessions of the user. Without <see cref="Tokens"/>, the site then signs the user
        /// out.</summary>
        public bool EndedSessions { get; init; }

        /// <summary>True if the change takes effect only when the user opens a link in a mail.</summary>
        public bool WaitsForMail { get; init; }

        /// <summary>The codes that a user without the device can enter. The backend returns them only once. Default: none.</summary>
        public IReadOnlyList<string> RecoveryCodes { get; init; } = [];

        /// <summary>Contains no secret.</summary>
        public override string ToString() => "done";
    }

    /// <summary>What the backend knows about the account.</summary>
    /// <param name="Email">Its e-mail address; null: unknown.</param>
    /// <param name="HasTwoFactor">Whether a second factor is on; null: unknown.</param>
    /// <param name="RecoveryCodesLeft">How many recovery codes are left; null: the backend has none.</param>
    public sealed record Status(string? Email, bool? HasTwoFactor, int? RecoveryCodesLeft = null) : AccountResult;

    /// <summary>A second factor that waits for its first code.</summary>
    /// <param name="Secret">The secret in Base32 (RFC 4648, 6), which the user can type.</param>
    /// <param name="Uri">The secret for a QR code: <c>otpauth://totp/...</c>.</param>
    public sealed record TwoFactorSetup(string Secret, string Uri) : AccountResult
    {
        /// <summary>New tokens, if the backend ended the sessions of the user when it created the secret; null: it did not.</summary>
        public SessionTokens? Tokens { get; init; }

        /// <summary>Contains no secret.</summary>
        public override string ToString() => "a second factor";
    }

    /// <summary>The link was used before, is too old, or is unknown.</summary>
    public sealed record LinkInvalid : AccountResult;

    /// <summary>The backend refused what the user entered.</summary>
    /// <param name="Field">The field that is wrong.</param>
    /// <param name="Reason">The text of the backend for the user, such as its rules for passwords; null: the page has its own text.</param>
    public sealed record Refused(AccountField Field, string? Reason = null) : AccountResult
    {
        /// <summary>False if the user left the field empty. Only guesses are limited. Default true.</summary>
        public bool IsGuess { get; init; } = true;
    }

    /// <summary>The backend allows no more attempts for now.</summary>
    /// <param name="RetryAfter">The time until another attempt may succeed; null: not known.</param>
    public sealed record TooManyAttempts(TimeSpan? RetryAfter = null) : AccountResult;

    /// <summary>The backend does not offer this task, or not to this user.</summary>
    public sealed record NotOffered : AccountResult;

    /// <summary>The backend gave an answer that the adapter does not recognize (such as an unknown 4xx, or 500). The answer is logged as an
    /// error.</summary>
    /// <param name="Answer">For the log: the call, the status and the names in the answer. Contains no value that may be secret.</param>
    public sealed record Unrecognized(string Answer) : AccountResult;

    /// <summary>The backend did not answer.</summary>
    /// <param name="Reason">For the log. Contains no value that may be secret.</param>
    /// <param name="RetryAfter">The delay that the backend asked for; null: none.</param>
    /// <param name="OutcomeUnknown">True if the request was sent, and the backend may have carried it out.</param>
    /// <param name="Exception">For the log.</param>
    public sealed record Unavailable(string Reason, TimeSpan? RetryAfter = null, bool OutcomeUnknown = false, Exception? Exception = null)
        : AccountResult;
}

/// <summary>A field of a form of the account pages. The pages use these names for their fields.</summary>
public enum AccountField
{
    Email,

    /// <summary>The current password.</summary>
    Password,
    NewPassword,

    /// <summary>The one-time code.</summary>
    Code,
}
