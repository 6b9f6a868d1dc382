using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

public sealed class JwtRecipeTests(JwtRecipeTests.Site site) : RecipeTests(site), IClassFixture<JwtRecipeTests.Site>
{
    /// <summary>All of them: no test but the adapter's own depends on the adapter.</summary>
    [Fact]
    public async Task The_tests_of_the_site_pass() => (await site.Generated.TestAsync()).ShouldSucceed();

    public sealed class Site(TemplatePackage package) : RecipeSite(package, "A home-grown JWT API")
    {
        public override string RefreshPath => "/api/token/refresh";

        public override (string Path, int Status) Revocation => ("/api/token/revoke", 204);

        protected override async Task<RealBackend> StartBackendAsync() =>
            await BackendProcess.StartAsync("jwt", "--access-token-lifetime", "00:00:05");
    }
}
