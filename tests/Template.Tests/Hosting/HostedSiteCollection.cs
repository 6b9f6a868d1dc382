namespace Template.Tests.Hosting;

/// <summary>One image for all these tests.</summary>
[CollectionDefinition]
public sealed class HostedSiteCollection : ICollectionFixture<HostedSite>;
