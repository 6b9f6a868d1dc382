namespace Template.Tests.Directus;

/// <summary>
/// One Directus and one site for all these tests, one test at a time and beside no others: tokens that live for seconds are
/// no friends of a machine that compiles something else meanwhile, and some tests stop Directus.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class DirectusCollection : ICollectionFixture<DirectusSite>;
