using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;
using Tests.Infrastructure;

namespace Tests.Backend.Account;

/// <summary>The adapter of Directus for an account, over a network that answers each call as Directus does: to a user who may do all, unless a
/// test sets another answer.</summary>
public sealed class DirectusAnswers : HttpMessageHandler, IAsyncDisposable
{
    private readonly Dictionary<string, Queue<Answer>> answers = [];
    private readonly TestSite site;
    private readonly IServiceScope scope;

    public DirectusAnswers()
    {
        Set("POST /auth/login", 200, """{"data":{"expires":900000,"refresh_token":"checked","access_token":"a.b.c"}}""");
        Set("GET /users/me", 200, """{"data":{"email":"a@example.com","tfa_secret":null}}""");
        Set("PATCH /users/me", 200, """{"data":{"email":"a@example.com"}}""");
        site = new TestSite { UsesOwnAdapter = true }
            .With("Backend:Url", "https://backend.test")
            .With("Backend:DataRetries", "0")
            .With(services =>
                services.PostConfigureAll<HttpClientFactoryOptions>(client =>
                    client.HttpMessageHandlerBuilderActions.Add(builder => builder.PrimaryHandler = this)
                )
            );
        scope = site.Services.CreateScope();
    }

    public IAccountBackend Adapter => scope.ServiceProvider.GetRequiredService<IAccountBackend>();

    public LogRecorder Log => site.Log;

    /// <summary>The calls in their order, each with its access token and its body.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Answers this call with 204 from now on.</summary>
    public DirectusAnswers Accepts(string call) => Set(call, 204, "");

    /// <summary>Answers this call like this from now on; earlier answers are given once, before.</summary>
    public DirectusAnswers Then(string call, int status, string body)
    {
        answers[call].Enqueue(new(status, body));
        return this;
    }

    /// <summary>Answers this call with an error, as Directus writes it.</summary>
    public DirectusAnswers Refuses(string call, int status, string code, string details = "") => Set(call, status, Error(code, details));

    public DirectusAnswers Set(string call, int status, string body, string? location = null, string mediaType = "application/json")
    {
        answers[call] = new([new(status, body, location, mediaType)]);
        return this;
    }

    public static string Error(string code, string details = "") =>
        $$$"""{"errors":[{"message":"Directus says so.","extensions":{{{{details}}}"code":"{{{code}}}"}}]}""";

    public async ValueTask DisposeAsync()
    {
        scope.Dispose();
        await site.DisposeAsync();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Calls.Add(
            $"{request.Method} {request.RequestUri!.PathAndQuery} {request.Headers.Authorization?.Parameter} {body}"
                .Replace("  ", " ")
                .Trim()
        );
        if (!answers.TryGetValue($"{request.Method} {request.RequestUri.AbsolutePath}", out var queue))
        {
            throw new HttpRequestException("No answer.");
        }

        var answer = queue.Count > 1 ? queue.Dequeue() : queue.Peek();
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request };
        response.Content = new StringContent(answer.Body, Encoding.UTF8, answer.MediaType);
        response.Headers.Location = answer.Location is null ? null : new(answer.Location, UriKind.RelativeOrAbsolute);
        response.Headers.RetryAfter = answer.Status is 429 ? new(TimeSpan.FromSeconds(53)) : null;
        return response;
    }

    private sealed record Answer(int Status, string Body, string? Location = null, string MediaType = "application/json");
}
