namespace Template.Tests.Identity;

/// <summary>One backend and one site for all these tests, one test at a time and never parallel to other tests: the tokens live only for
/// seconds.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class IdentityCollection : ICollectionFixture<IdentitySite>;
