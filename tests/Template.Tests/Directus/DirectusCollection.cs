namespace Template.Tests.Directus;

/// <summary>
/// One Directus and one site for all these tests, one test at a time and never parallel to other tests. The tokens live only for seconds,
/// so another build on the machine could make a test fail, and some tests stop Directus.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class DirectusCollection : ICollectionFixture<DirectusSite>;
