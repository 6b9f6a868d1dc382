namespace Bench;

/// <summary>How much more memory a signed-in page allocates than the same page without authentication.</summary>
internal static class Allocation
{
    private const string Page = "/app/name";
    private const int Requests = 20_000;

    public static async Task RunAsync(Workshop workshop)
    {
        await using var backend = await TokenBackend.StartAsync();
        await using var anonymous = await Site.StartReferenceAsync(await workshop.ReferenceAsync(), "Anonymous");
        await using var cookie = await Site.StartReferenceAsync(await workshop.ReferenceAsync(), "Cookie");
        await using var generated = await Site.StartGeneratedAsync(await workshop.GeneratedAsync(), backend);
        var without = await BytesAsync(anonymous, "");
        var plain = await BytesAsync(cookie, await cookie.SignInAtReferenceAsync(backend));
        var signedIn = await BytesAsync(generated, await generated.SignInAsync());

        Console.WriteLine();
        Console.WriteLine(
            $"Allocation a request: {without / 1000:0.0} kB without authentication, {(plain - without) / 1000:0.0} kB more with plain cookie authentication, "
                + $"{(signedIn - without) / 1000:0.0} kB more on the generated site."
        );
    }

    private static async Task<double> BytesAsync(Site site, string cookies)
    {
        await SendAsync(site, cookies);
        var before = await site.VitalsAsync();
        await SendAsync(site, cookies);
        return (double)((await site.VitalsAsync()).Allocated - before.Allocated) / Requests;
    }

    private static Task SendAsync(Site site, string cookies) =>
        Parallel.ForAsync(
            0,
            Requests,
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (_, _) =>
            {
                using var answer = await site.GetAsync(Page, cookies);
                answer.EnsureSuccessStatusCode();
            }
        );
}
