namespace TokenSessionSite.Backend;

/// <summary>Retries once if the connection failed. Nothing was sent, so the backend cannot process the call twice.</summary>
public sealed class ConnectRetryHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError is HttpRequestError.ConnectionError)
        {
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
