using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http;

namespace Tests.Infrastructure;

/// <summary>A backend whose answers about items a test sets. Users sign in at the demo backend.</summary>
internal sealed class ItemsBackend
{
    private readonly ConcurrentQueue<Call> calls = [];
    private TaskCompletionSource arrival = new();

    public Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Answer { get; set; } =
        (_, _) => Task.FromResult(Json(HttpStatusCode.OK, new Item("first")));

    public IReadOnlyList<Call> Calls => [.. calls];

    /// <summary>Completes when the next call has arrived and its answer has begun.</summary>
    public Task Arrival => (arrival = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public static HttpResponseMessage Json(HttpStatusCode status, object body, string mediaType = "application/json") =>
        new(status) { Content = JsonContent.Create(body, new MediaTypeHeaderValue(mediaType)) };

    public TestSite NewSite(TestSite? site = null) =>
        (site ?? new TestSite())
            .With(services =>
            {
                services.AddDataApi<IItemsApi>();
                services.AddPublicApi<IPublicItemsApi>();
                services.PostConfigureAll<HttpClientFactoryOptions>(client =>
                    client.HttpMessageHandlerBuilderActions.Add(builder => builder.AdditionalHandlers.Add(new Handler(this)))
                );
            })
            .WithEndpoints(endpoints =>
            {
                endpoints.MapGet("/item", (IItemsApi api) => api.GetAsync()).RequireAuthorization();
                endpoints.MapPost("/item", (IItemsApi api) => api.AddAsync(new("second"))).RequireAuthorization();
                endpoints.MapDelete("/item", (IItemsApi api) => api.RemoveAsync()).RequireAuthorization();
                endpoints.MapGet("/file", async (IItemsApi api) => Results.Stream(await api.DownloadAsync())).RequireAuthorization();
                endpoints.MapPost("/file", (IItemsApi api, HttpRequest request) => api.UploadAsync(request.Body)).RequireAuthorization();
                endpoints.MapGet("/public", (IPublicItemsApi api) => api.GetAsync());
            });

    /// <summary>A call that arrived.</summary>
    public sealed record Call(string? Token, Dictionary<string, string> Headers);

    private sealed class Handler(ItemsBackend backend) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.RequestUri!.AbsolutePath.StartsWith("/items", StringComparison.Ordinal))
            {
                return await base.SendAsync(request, cancellationToken);
            }

            var headers = request.Headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToString());
            backend.calls.Enqueue(new(request.Headers.Authorization?.Parameter, headers));
            var answer = backend.Answer(request, cancellationToken);
            backend.arrival.TrySetResult();
            var response = await answer;
            response.RequestMessage = request;
            return response;
        }
    }
}
