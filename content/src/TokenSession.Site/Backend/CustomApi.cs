using Refit;

namespace TokenSessionSite.Backend;

/// <summary>Your API, called with the access token of the signed-in user: pages take this interface and await it. Add your calls here;
/// that the token is attached, refreshed and retried is nobody's business but <see cref="AccessTokenHandler"/>'s.</summary>
public interface IBackendApi
{
    [Get("/users/me")]
    Task<BackendUser> GetMeAsync(CancellationToken cancellationToken = default);
}
