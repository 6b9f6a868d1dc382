using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Tests.Infrastructure;

namespace Tests.Backend.Account;

/// <summary>The account adapter of this site, over a network that gives each call the answers that the test has added. The last answer is
/// used for all further calls.</summary>
public sealed class ScriptedBackend : HttpMessageHandler, IAsyncDisposable
{
    private readonly TestSite site;
    private readonly IServiceScope scope;
    private readonly Dictionary<string, Queue<Func<HttpResponseMessage>>> answers = [];

    public ScriptedBackend(params (string Name, string Value)[] settings)
    {
        site = new TestSite { UsesOwnAdapter = true }
            .With("Backend:Url", "https://backend.test")
            // A retry would wait on the clock, which stands still.
            .With("Backend:DataRetries", "0")
            .With(services =>
                services.PostConfigureAll<HttpClientFactoryOptions>(client =>
                    client.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = this)
                )
            );
        foreach (var (name, value) in settings)
        {
            site.With(name, value);
        }

        scope = site.Services.CreateScope();
    }

    public DateTimeOffset Now => site.Time.GetUtcNow();

    public LogRecorder Log => site.Log;

    public IAccountBackend Adapter => scope.ServiceProvider.GetRequiredService<IAccountBackend>();

    public List<(string Call, string? Authorization, string Body)> Requests { get; } = [];

    /// <summary>The calls, such as <c>POST /login</c>.</summary>
    public IEnumerable<string> Calls => Requests.Select(request => request.Call);

    /// <summary>Adds an answer to a call.</summary>
    /// <param name="call">Such as <c>POST /login</c>; without the query.</param>
    /// <param name="status">The status.</param>
    /// <param name="body">The body.</param>
    /// <param name="mediaType">Its type.</param>
    public ScriptedBackend On(string call, int status = 200, string body = "", string mediaType = "application/json") =>
        On(call, () => new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, mediaType) });

    /// <summary>Adds a connection failure in place of an answer.</summary>
    public ScriptedBackend OnNetworkFailure(string call) => On(call, () => throw new HttpRequestException("connection refused"));

    /// <summary>Adds an answer to a call.</summary>
    public ScriptedBackend On(string call, Func<HttpResponseMessage> answer)
    {
        if (!answers.TryGetValue(call, out var queue))
        {
            answers[call] = queue = new();
        }

        queue.Enqueue(answer);
        return this;
    }

    /// <summary>Removes the answers to a call.</summary>
    public ScriptedBackend Without(string call)
    {
        answers.Remove(call);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        scope.Dispose();
        await site.DisposeAsync();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add(($"{request.Method} {request.RequestUri!.PathAndQuery}", request.Headers.Authorization?.ToString(), body));
        var queue = answers[$"{request.Method} {request.RequestUri!.AbsolutePath}"];
        var response = (queue.Count > 1 ? queue.Dequeue() : queue.Peek())();
        response.RequestMessage = request;
        return response;
    }
}
