using Template.Tests.Infrastructure;

namespace Template.Tests;

/// <summary>If the options cannot work, the template prints a message and writes nothing.</summary>
public sealed class RefusalTests(TemplatePackage package)
{
    public static TheoryData<string, string> HopelessNames { get; } =
        new()
        {
            { "a/b", "Name cannot contain any of the following characters" },
            { "a:b", "Choose a name without any of" },
            { "what?", "Choose a name without any of" },
            { "a\"b", "Choose a name without any of" },
            { "a\\b", "Choose a name without any of" },
            { "a$(b)", "Choose a name without any of" },
            { "50%20x", "Choose a name without any of" },
            { new string('x', 101), "at most 100 characters" },
            { new string('日', 51), "at most 100 characters" },
            { new string('x', 300), "too long" },
        };

    [Theory]
    [MemberData(nameof(HopelessNames))]
    public async Task A_name_that_cannot_work_is_refused_with_a_sentence(string name, string sentence)
    {
        var folder = package.NewFolder();

        var refusal = await package.NewAsync(folder, "tokensession", "-n", name);

        Assert.NotEqual(0, refusal.ExitCode);
        Assert.Contains(sentence, refusal.Output);
        Assert.Empty(Directory.GetFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_second_run_into_the_same_folder_is_refused_and_overwrites_nothing()
    {
        var folder = package.NewFolder();
        var site = await package.GenerateInAsync(folder, "Acme.Web", "--no-restore");
        var program = Path.Combine(site.SiteFolder, "Program.cs");
        File.WriteAllText(program, "// mine");

        var second = await package.NewAsync(folder, "tokensession", "-n", "Acme.Web", "--no-restore");

        Assert.NotEqual(0, second.ExitCode);
        Assert.Contains("--force", second.Output);
        Assert.Equal("// mine", File.ReadAllText(program));
    }

    [Fact]
    public async Task An_unknown_backend_is_refused_with_the_list_of_backends()
    {
        var refusal = await package.NewAsync(package.NewFolder(), "tokensession", "-n", "Acme.Web", "--backend", "nope");

        Assert.NotEqual(0, refusal.ExitCode);
        Assert.Contains("'nope' is not a valid value for --backend", refusal.Output);
        Assert.All(["custom", "directus", "identity"], backend => Assert.Contains(backend, refusal.Output));
    }

    [Fact]
    public async Task An_unknown_option_is_named_and_writes_nothing()
    {
        var folder = package.NewFolder();

        var refusal = await package.NewAsync(folder, "tokensession", "-n", "Acme.Web", "--bakend", "custom");

        Assert.NotEqual(0, refusal.ExitCode);
        Assert.Contains("'--bakend' is not a valid option", refusal.Output);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }
}
