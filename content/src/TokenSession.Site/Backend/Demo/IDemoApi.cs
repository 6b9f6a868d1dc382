namespace TokenSessionSite.Backend.Demo;

/// <summary>Answers more calls of the demo backend, such as those for your data. Register it as a service.</summary>
public interface IDemoApi
{
    /// <summary>Answers a call; null if it is not one of this API.</summary>
    Task<HttpResponseMessage?> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken);
}
