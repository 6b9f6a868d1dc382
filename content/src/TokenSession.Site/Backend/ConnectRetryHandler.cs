namespace TokenSessionSite.Backend;

/// <summary>Tries once more when no connection came about: nothing was sent, so nothing can happen twice.</summary>
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
