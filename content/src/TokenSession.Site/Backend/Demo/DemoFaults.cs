namespace TokenSessionSite.Backend.Demo;

/// <summary>How the demo backend misbehaves: everything that was seen real backends do to a site.</summary>
public sealed class DemoFaults
{
    private readonly Lock gate = new();
    private int remaining;

    /// <summary>How long every call takes. Default none.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>As Directus does it: calls with one refresh token that arrive while the first is still being worked on all succeed, and
    /// only the tokens that were stored last are alive.</summary>
    public bool Phantoms { get; set; }

    /// <summary>What the backend asks for with <see cref="DemoFault.TooManyRequests"/> and <see cref="DemoFault.Unavailable"/>.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>Calls wait here before they are worked on, until the test lets them go.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public DemoFault Fault { get; private set; }

    /// <summary>Which calls the fault hits: the beginning of their path. Default all.</summary>
    public string Path { get; private set; } = "/";

    /// <summary>Misbehaves from now on, for so many calls (default: until <see cref="Mend"/>).</summary>
    public void Break(DemoFault fault, string path = "/", int times = int.MaxValue)
    {
        lock (gate)
        {
            (Fault, Path, remaining) = (fault, path, times);
        }
    }

    public void Mend() => Break(DemoFault.None);

    /// <summary>The fault that hits this call.</summary>
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

    /// <summary>503.</summary>
    Unavailable,

    /// <summary>429.</summary>
    TooManyRequests,

    /// <summary>Nobody listens; nothing is sent.</summary>
    Refused,

    /// <summary>The connection breaks before the call is worked on.</summary>
    Reset,

    /// <summary>The call is carried out, and its answer is lost.</summary>
    DropAfterCommit,

    /// <summary>No answer, ever.</summary>
    Hang,

    /// <summary>200 with a page of HTML, as proxies and captive portals send it.</summary>
    Html,

    /// <summary>200 with nothing in it.</summary>
    Empty,

    /// <summary>200 with JSON of another shape.</summary>
    OtherJson,
}
