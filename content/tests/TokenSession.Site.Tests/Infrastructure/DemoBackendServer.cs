using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tests.Infrastructure;

/// <summary>The demo backend on a port of this machine, for tests that need a network. By default, its clock stands still.</summary>
public sealed class DemoBackendServer : IAsyncDisposable
{
    // This site provides the services of the demo backend, for example the wire format. It serves no requests.
    private readonly TestSite site = new();

    private readonly WebApplication server;
    private readonly HttpMessageInvoker demo;
    private int calls;

    /// <param name="clock">The clock of the backend. By default it stands still, so the backend never refuses an access token because of its
    /// age. A site still refreshes when the lifetime has passed by its own clock.</param>
    public DemoBackendServer(TimeProvider? clock = null)
    {
        site.With(services => services.AddSingleton(new DemoBackend(clock ?? site.Time)));
        demo = new(ActivatorUtilities.CreateInstance<DemoBackendHandler>(site.Services));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        server = builder.Build();
        server.Run(AnswerAsync);
    }

    public DemoBackend Backend => site.Backend;

    /// <summary>Holds the responses after the calls were processed.</summary>
    public Task HeldAnswers { get; set; } = Task.CompletedTask;

    /// <summary>The bodies of the answers, with their tokens.</summary>
    public ConcurrentQueue<string> Answers { get; } = [];

    /// <summary>Number of calls whose body has arrived completely.</summary>
    public int Calls => Volatile.Read(ref calls);

    /// <summary>Calls whose client closed the connection before the answer.</summary>
    public int GivenUp { get; private set; }

    /// <summary>Returns the address.</summary>
    public async Task<string> StartAsync()
    {
        await server.StartAsync();
        return server.Urls.Single();
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        demo.Dispose();
        await site.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await WorkAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            GivenUp++;
        }
    }

    private async Task WorkAsync(HttpContext context)
    {
        // Reads the whole body before the call is counted. A test may kill the site as soon as the call is counted, and a call with an
        // incomplete body would not count as given up.
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content, context.RequestAborted);

        // The gate at the time of the call: a test opens the gate for later calls as soon as the demo backend has counted this call.
        var held = HeldAnswers;
        Interlocked.Increment(ref calls);
        using var call = new HttpRequestMessage(
            new(context.Request.Method),
            $"{DemoBackendHandler.Address}{context.Request.Path.Value![1..]}"
        );
        call.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
        call.Content = HttpMethods.IsGet(context.Request.Method) ? null : new ByteArrayContent(content.ToArray());
        using var answer = await demo.SendAsync(call, context.RequestAborted);
        var body = await answer.Content.ReadAsStringAsync(context.RequestAborted);
        Answers.Enqueue(body);
        await held.WaitAsync(context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        if (answer.Content.Headers.ContentType is { } type)
        {
            context.Response.ContentType = type.ToString();
        }

        context.Response.Headers.RetryAfter = answer.Headers.RetryAfter?.ToString();
        // Kestrel closes the connection if anything is written to a response with status 204, even nothing.
        if (body is not "")
        {
            await context.Response.WriteAsync(body, context.RequestAborted);
        }
    }
}
