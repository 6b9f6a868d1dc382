namespace Template.Tests;

/// <summary>Tests that use all processors. They run one after the other, after all other tests of this run.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class UndisturbedCollection;
