using Refit;

namespace TokenSessionSite.Backend;

/// <summary>Your API, called with the access token of the signed-in user. Pages and endpoints inject this interface. Add your calls here.
/// <see cref="AccessTokenHandler"/> adds and refreshes the token.</summary>
public interface IBackendApi
{
    const string MePath = IIdentityAuthApi.Path + "/manage/info";

    [Get(MePath)]
    Task<BackendUser> GetMeAsync(CancellationToken cancellationToken = default);
}
