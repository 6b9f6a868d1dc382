using Refit;

namespace TokenSessionSite.Backend;

/// <summary>Your Directus, called with the access token of the signed-in user. Pages and endpoints inject this interface. Add your calls
/// here. <see cref="AccessTokenHandler"/> adds and refreshes the token.</summary>
public interface IBackendApi
{
    /// <summary>Requests the fields by name. Otherwise, users without permission to read their own profile get only an id.</summary>
    [Get("/users/me?fields=id,email")]
    Task<BackendUser> GetMeAsync(CancellationToken cancellationToken = default);
}
