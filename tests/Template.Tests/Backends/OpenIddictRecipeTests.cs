using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

[Collection(typeof(UndisturbedCollection))]
public sealed class OpenIddictRecipeTests(OpenIddictRecipeTests.Site site) : RecipeTests(site), IClassFixture<OpenIddictRecipeTests.Site>
{
    public sealed class Site(TemplatePackage package) : RecipeSite(package, "OpenIddict")
    {
        public override string RefreshPath => "/connect/token";

        public override (string Path, int Status) Revocation => ("/connect/revocation", 200);

        protected override IReadOnlyDictionary<string, string?> Settings { get; } =
            new Dictionary<string, string?> { ["Backend__ClientId"] = "site", ["Backend__ClientSecret"] = "site-secret" };

        protected override async Task<RealBackend> StartBackendAsync() =>
            await BackendProcess.StartAsync("openiddict", "--access-token-lifetime", "00:00:05");
    }
}
