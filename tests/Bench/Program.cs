using System.Diagnostics;
using Bench;

// Measures a generated site against reference sites, and prints tables in Markdown. `dotnet cake --target=Bench` measures one node;
// --parts=speed,nodes,... chooses.
var parts = args is [] ? Part.OneNode : args;
if (parts.FirstOrDefault(part => !Part.All.ContainsKey(part)) is { } unknown)
{
    Console.Error.WriteLine($"There is no part '{unknown}'; there are {string.Join(", ", Part.All.Keys)}.");
    return 1;
}

var clock = Stopwatch.StartNew();
using var workshop = new Workshop();
foreach (var part in parts)
    await Part.All[part](workshop);
Console.WriteLine();
Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {clock.Elapsed.TotalMinutes:0.0} minutes.");
return 0;
