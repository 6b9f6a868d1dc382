using Template.Tests.Infrastructure;

namespace Template.Tests.Backends;

/// <summary>A new site with recipes of docs/backends.md, in front of the real backend of these recipes.</summary>
/// <param name="recipes">The headings of the recipes, in this order.</param>
public abstract class RecipeSite(TemplatePackage package, params string[] recipes) : IAsyncLifetime
{
    protected const string CookiePrefix = "mysite";

    private RealBackend? backend;
    private GeneratedSite? generated;
    private RunningSite? site;

    public IReadOnlyList<Recipe> Recipes { get; } = [.. recipes.Select(Recipe.Read)];

    public RealBackend Backend => backend ?? throw new InvalidOperationException("The backend was not started.");

    public GeneratedSite Generated => generated ?? throw new InvalidOperationException("The site was not generated.");

    public RunningSite Running => site ?? throw new InvalidOperationException("The site was not started.");

    /// <summary>The path of the backend that refreshes tokens.</summary>
    public abstract string RefreshPath { get; }

    /// <summary>The path of the backend that revokes tokens, and the status of its success.</summary>
    public abstract (string Path, int Status) Revocation { get; }

    /// <summary>Which tests of the site to run: those that depend on the adapter. JwtRecipeTests runs all of them.</summary>
    public virtual IReadOnlyList<string> TestFilter { get; } =
    [
        .. GeneratedSite.Filter("--filter-class", "Tests.Backend.*", "Tests.Pages.*", "*.AuthBackendTests"),
        .. GeneratedSite.Filter("--filter-not-class", GeneratedSite.TestsWithoutAdapter),
    ];

    /// <summary>The settings of the site in addition to the address of the backend.</summary>
    protected virtual IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>();

    public async ValueTask InitializeAsync()
    {
        generated = await package.GenerateInAsync(package.NewFolder(), "MySite", "--backend", "custom");
        foreach (var recipe in Recipes)
            await recipe.ApplyAsync(generated);
        backend = await StartBackendAsync();
        site = await RunningSite.StartAsync(generated, Environment());
    }

    public SiteClient NewBrowser() => new(Running.BaseAddress, CookiePrefix);

    /// <summary>A separate browser that is signed in as this user.</summary>
    public virtual async Task<SiteClient> SignInAsync(string email)
    {
        var browser = NewBrowser();
        var answer = await browser.SubmitAsync("/login", ("Email", email), ("Password", RealBackend.Password));
        Assert.True(answer.IsRedirect, $"{email} could not sign in: {answer}\n{Running.Output}");
        return browser;
    }

    /// <summary>A user for one test only, and a browser that is signed in as this user.</summary>
    public async Task<(string Email, SiteClient Browser)> SignedInAsync()
    {
        var email = $"user-{Guid.NewGuid():n}@example.com";
        await Backend.AddUserAsync(email);
        return (email, await SignInAsync(email));
    }

    /// <summary>Runs the contract tests of the site, with the settings that an owner would set for them.</summary>
    public async Task<CliResult> ContractAsync()
    {
        (await Generated.BuildAsync()).ShouldSucceed();
        string[] test = ["test", "--project", Generated.TestProject, "--no-build", "--filter-class", "*OwnBackendContractTests"];
        var environment = new Dictionary<string, string?>(Environment())
        {
            ["Backend__Email"] = RealBackend.Email,
            ["Backend__Password"] = RealBackend.Password,
        };
        return await Cli.RunAsync("dotnet", test, Generated.Root, environment);
    }

    public async ValueTask DisposeAsync()
    {
        if (site is not null)
            await site.DisposeAsync();
        if (backend is not null)
            await backend.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<RealBackend> StartBackendAsync();

    private Dictionary<string, string?> Environment() => new(Settings) { ["Backend__Url"] = $"{Backend.Url}" };
}
