namespace TokenSessionSite.Backend.Demo;

/// <summary>The failures of the demo backend. Each of them was observed at a real backend.</summary>
public sealed class DemoFaults
{
    private readonly Lock gate = new();
    private int remaining;

    /// <summary>Delay of each call. Default: none.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Whether concurrent refreshes behave as in Directus: all calls that arrive with the same refresh token while the first one
    /// is processed succeed, but only the tokens that are stored last are valid. Default false.</summary>
    public bool Phantoms { get; set; }

    /// <summary>The <c>Retry-After</c> of <see cref="DemoFault.TooManyRequests"/> and <see cref="DemoFault.Unavailable"/>. Default:
    /// none.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>Calls wait for this task before they are processed. Default: a completed task.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public DemoFault Fault { get; private set; }

    /// <summary>The start of the paths that fail. Default: all.</summary>
    public string Path { get; private set; } = "/";

    /// <summary>Starts a fault for a number of calls (default: until <see cref="Clear"/>).</summary>
    public void Break(DemoFault fault, string path = "/", int times = int.MaxValue)
    {
        lock (gate)
        {
            (Fault, Path, remaining) = (fault, path, times);
        }
    }

    public void Clear() => Break(DemoFault.None);

    /// <summary>Returns the fault of this call, and counts the call.</summary>
    internal DemoFault Take(string path)
    {
        lock (gate)
        {
            if (Fault is DemoFault.None || remaining is 0 || !path.StartsWith(Path, StringComparison.Ordinal))
            {
                return DemoFault.None;
            }

            var hit = Fault;
            if (--remaining is 0)
            {
                Fault = DemoFault.None;
            }

            return hit;
        }
    }
}

public enum DemoFault
{
    None,

    /// <summary>The backend answers 503.</summary>
    Unavailable,

    /// <summary>The backend answers 429.</summary>
    TooManyRequests,

    /// <summary>The connection is refused, and nothing is sent.</summary>
    Refused,

    /// <summary>The connection is reset before the call is processed.</summary>
    Reset,

    /// <summary>The call is processed, and its response is lost.</summary>
    DropAfterCommit,

    /// <summary>The backend never answers.</summary>
    Hang,

    /// <summary>The response is 200 with an HTML page, as proxies and captive portals send it.</summary>
    Html,

    /// <summary>The response is 200 with an empty body.</summary>
    Empty,

    /// <summary>The response is 200 with JSON in another format.</summary>
    OtherJson,
}
