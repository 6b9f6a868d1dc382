using Refit;

namespace TokenSessionSite.Backend;

/// <summary>Your Directus, called with the access token of the signed-in user: pages take this interface and await it. Add your calls here;
/// that the token is attached, refreshed and retried is nobody's business but <see cref="AccessTokenHandler"/>'s.</summary>
public interface IBackendApi
{
    /// <summary>Fields by name: without them, a user who may not read their own profile gets nothing but an id.</summary>
    [Get("/users/me?fields=id,email")]
    Task<BackendUser> GetMeAsync(CancellationToken cancellationToken = default);
}
