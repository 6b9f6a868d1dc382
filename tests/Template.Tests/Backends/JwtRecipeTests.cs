using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

[Collection(typeof(UndisturbedCollection))]
public sealed class JwtRecipeTests(JwtRecipeTests.Site site) : RecipeTests(site), IClassFixture<JwtRecipeTests.Site>
{
    public sealed class Site(TemplatePackage package) : RecipeSite(package, "A home-grown JWT API")
    {
        /// <summary>All tests run: only the tests of the adapter depend on the adapter.</summary>
        public override IReadOnlyList<string> TestFilter => [];

        public override string RefreshPath => "/api/token/refresh";

        public override (string Path, int Status) Revocation => ("/api/token/revoke", 204);

        protected override async Task<RealBackend> StartBackendAsync() =>
            await BackendProcess.StartAsync("jwt", "--access-token-lifetime", "00:00:05");
    }
}
