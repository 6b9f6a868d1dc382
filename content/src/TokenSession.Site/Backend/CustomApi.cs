using Refit;

namespace TokenSessionSite.Backend;

/// <summary>Your API, called with the access token of the signed-in user. Pages and endpoints inject this interface. Add your calls here.
/// <see cref="AccessTokenHandler"/> adds and refreshes the token.</summary>
public interface IBackendApi
{
    /// <summary>The path of the signed-in user.</summary>
    const string MePath = "/users/me";

    [Get(MePath)]
    Task<BackendUser> GetMeAsync(CancellationToken cancellationToken = default);
}
