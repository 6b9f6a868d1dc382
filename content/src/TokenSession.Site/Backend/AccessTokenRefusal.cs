namespace TokenSessionSite.Backend;

/// <summary>Decides for an answer to a data call whether it was refused because of its access token, so that another token may help.</summary>
public delegate ValueTask<bool> AccessTokenRefusal(HttpResponseMessage response, CancellationToken cancellationToken);
