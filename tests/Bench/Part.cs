namespace Bench;

/// <summary>The parts of the benchmark, by name.</summary>
internal static class Part
{
    public static IReadOnlyDictionary<string, Func<Workshop, Task>> All { get; } =
        new Dictionary<string, Func<Workshop, Task>>
        {
            ["speed"] = Speed.RunAsync,
            ["allocation"] = Allocation.RunAsync,
            ["storm"] = Storm.RunAsync,
            ["hand"] = ByHand.RunAsync,
            ["minute"] = BusyMinute.RunAsync,
            ["families"] = TokenFamilies.RunAsync,
            ["nodes"] = Nodes.RunAsync,
            ["outages"] = Outages.RunAsync,
            ["template"] = TemplateTimes.RunAsync,
        };

    /// <summary>The costs of one node. This part needs only wrk. The other parts run only if they are named.</summary>
    public static IReadOnlyList<string> OneNode { get; } = ["speed", "allocation", "storm", "hand", "minute", "families"];
}
