namespace TokenSessionSite.Backend.Demo;

/// <summary>Answers further calls to the demo backend, such as the calls for your data. Register your implementation as a
/// service.</summary>
public interface IDemoApi
{
    /// <summary>Answers a call; null if the call does not belong to this API.</summary>
    Task<HttpResponseMessage?> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken);
}
