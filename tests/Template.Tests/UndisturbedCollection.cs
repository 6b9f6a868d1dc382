namespace Template.Tests;

/// <summary>Tests that keep all processors busy by themselves: they run one after another, when all others are done.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class UndisturbedCollection;
