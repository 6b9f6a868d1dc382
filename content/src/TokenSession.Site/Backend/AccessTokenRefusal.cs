namespace TokenSessionSite.Backend;

/// <summary>Determines whether the backend refused a data call because of its access token. If so, a refresh may help.</summary>
public delegate ValueTask<bool> AccessTokenRefusal(HttpResponseMessage response, CancellationToken cancellationToken);
