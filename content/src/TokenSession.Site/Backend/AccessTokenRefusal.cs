namespace TokenSessionSite.Backend;

/// <summary>An adapter's opinion of an answer to a data call: was it refused because of its access token, so that another may help?</summary>
public delegate ValueTask<bool> AccessTokenRefusal(HttpResponseMessage response, CancellationToken cancellationToken);
