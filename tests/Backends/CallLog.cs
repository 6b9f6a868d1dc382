using System.Collections.Concurrent;

namespace Backends;

/// <summary>Counts the answered requests by method, path (without query) and status, except those below /_test.</summary>
internal sealed class CallLog
{
    private readonly ConcurrentDictionary<(string Method, string Path, int Status), int> counts = new();

    public IEnumerable<Call> Calls =>
        counts
            .GroupBy(entry => (entry.Key.Method, entry.Key.Path))
            .OrderBy(call => call.Key.Path)
            .Select(call => new Call(
                call.Key.Method,
                call.Key.Path,
                call.Sum(entry => entry.Value),
                call.ToDictionary(entry => entry.Key.Status, entry => entry.Value)
            ));

    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        // The status of the server's answer if the application throws an exception.
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context);
            status = context.Response.StatusCode;
        }
        finally
        {
            if (!context.Request.Path.StartsWithSegments("/_test"))
                counts.AddOrUpdate((context.Request.Method, context.Request.Path, status), 1, (_, count) => count + 1);
        }
    }

    public sealed record Call(string Method, string Path, int Count, IReadOnlyDictionary<int, int> Statuses);
}
