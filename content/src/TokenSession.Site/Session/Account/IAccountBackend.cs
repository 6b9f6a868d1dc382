namespace TokenSessionSite.Session.Account;

/// <summary>
/// What the account pages need from a backend. An adapter implements this interface beside <see cref="IAuthBackend"/>: each method runs one
/// task and maps the answer to a result. A method that is not implemented returns <see cref="AccountResult.NotOffered"/>.
/// </summary>
/// <remarks>
/// The time limit of a task is <see cref="TokenSessionOptions.SignInTimeout"/>. A change by a signed-in user has five times this limit,
/// because it takes several calls. The adapter may throw the exception of a network failure: it means
/// <see cref="AccountResult.Unavailable"/>. Any other exception is logged as an error of the adapter.
/// </remarks>
public interface IAccountBackend
{
    /// <summary>What this backend offers. Pages show only that.</summary>
    AccountTraits Traits { get; }

    /// <summary>Sends a mail with a link to choose another password. The answer must be <see cref="AccountResult.Done"/> also for an address
    /// without an account.</summary>
    /// <param name="email">The address of the account.</param>
    /// <param name="page">The absolute address of the page that the link leads to. The backend adds <c>?token=</c> and the token.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> RequestPasswordResetAsync(string email, Uri page, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Sets the password of the account that the link was sent to.</summary>
    /// <param name="token">The token of the link. It must work once.</param>
    /// <param name="newPassword">The password that the user chose.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> ResetPasswordAsync(string token, string newPassword, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Creates an account. The answer must be <see cref="AccountResult.Done"/> also for an address that has one already.</summary>
    /// <param name="email">The address of the account.</param>
    /// <param name="password">Its password. A refusal of the password must not depend on the address.</param>
    /// <param name="page">The absolute address of the page that confirms the address. The backend adds <c>?token=</c> and the token.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> RegisterAsync(string email, string password, Uri page, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Confirms the e-mail address of a new account, or the new address of an account.</summary>
    /// <param name="token">The token of the link.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> ConfirmEmailAsync(string token, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Creates the account of an invited user.</summary>
    /// <param name="token">The token of the link.</param>
    /// <param name="password">The password that the user chose.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> AcceptInvitationAsync(string token, string password, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Returns what the backend knows about the account of the signed-in user.</summary>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    /// <returns><see cref="AccountResult.Status"/>.</returns>
    Task<AccountResult> GetStatusAsync(CancellationToken cancellationToken) => NotOffered;

    /// <summary>Changes the password of the signed-in user. If that ends the sessions of the user at the backend, the adapter signs in
    /// again and returns the tokens, so that this session continues.</summary>
    /// <param name="proof">The password, and a code if there is a second factor. The adapter must check them.</param>
    /// <param name="newPassword">The password that the user chose.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> ChangePasswordAsync(AccountProof proof, string newPassword, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Changes the e-mail address of the signed-in user, or sends a mail with a link that confirms the new address.</summary>
    /// <param name="proof">The password, and a code if there is a second factor. The adapter must check them.</param>
    /// <param name="newEmail">The new address.</param>
    /// <param name="page">The absolute address of the page that confirms the new address.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> ChangeEmailAsync(AccountProof proof, string newEmail, Uri page, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Starts to set up a second factor.</summary>
    /// <param name="proof">The password, and a code if there is a second factor. The adapter must check them.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    /// <returns><see cref="AccountResult.TwoFactorSetup"/>.</returns>
    Task<AccountResult> StartTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Turns the second factor on. Sign-ins need a code from then on.</summary>
    /// <param name="proof">The password of the first step, and a code that the user's app created from the secret.</param>
    /// <param name="secret">The secret of <see cref="StartTwoFactorAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> EnableTwoFactorAsync(AccountProof proof, string secret, CancellationToken cancellationToken) => NotOffered;

    /// <summary>Turns the second factor off.</summary>
    /// <param name="proof">The password and a code. The adapter must check them.</param>
    /// <param name="cancellationToken">Ends the call at the time limit.</param>
    Task<AccountResult> DisableTwoFactorAsync(AccountProof proof, CancellationToken cancellationToken) => NotOffered;

    /// <summary>
    /// Returns whether the signed-in user has no second factor, and the backend requires one. The user is then redirected to the page that
    /// sets it up. The site may keep the answer false until the access token expires. If this method throws, the exception is logged and
    /// the page is shown. Default false.
    /// </summary>
    /// <param name="accessToken">The access token of the user.</param>
    /// <param name="cancellationToken">Ends the calls at the time limit.</param>
    Task<bool> RequiresTwoFactorSetupAsync(string accessToken, CancellationToken cancellationToken) => Task.FromResult(false);

    private static Task<AccountResult> NotOffered => Task.FromResult<AccountResult>(new AccountResult.NotOffered());
}
