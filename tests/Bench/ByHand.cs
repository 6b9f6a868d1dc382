using System.Net;

namespace Bench;

/// <summary>Usual events of a session, at a site with the usual code from blogs and at the generated site. Measures the results and not the
/// speed.</summary>
internal static class ByHand
{
    private const int Pages = 20;

    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(1),
        Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Workshop workshop)
    {
        await using var backend = await TokenBackend.StartAsync();
        await using var written = await Site.StartReferenceAsync(
            await workshop.ReferenceAsync(),
            "Tokens",
            backend: backend.Address.ToString()
        );
        await using var generated = await Site.StartGeneratedAsync(await workshop.GeneratedAsync(), backend);
        var byHand = await DayAsync(written, backend, () => written.SignInAtReferenceAsync(backend));
        var ours = await DayAsync(generated, backend, () => generated.SignInAsync());

        Console.WriteLine();
        Console.WriteLine("| the access token has expired, the refresh token works once, and | by hand | the generated site |");
        Console.WriteLine("|---|---|---|");
        foreach (var (what, first, second) in byHand.Zip(ours, (first, second) => (first.Event, first.Result, second.Result)))
            Console.WriteLine($"| {what} | {first} | {second} |");
    }

    private static async Task<List<(string Event, string Result)>> DayAsync(Site site, TokenBackend backend, Func<Task<string>> signIn)
    {
        async Task<string> ExpiredAsync()
        {
            backend.AccessTokenLifetime = ShortLife;
            var cookies = await signIn();
            await Task.Delay(ShortLife);
            backend.AccessTokenLifetime = TimeSpan.FromHours(1);
            return cookies;
        }

        var expired = await ExpiredAsync();
        var (refreshes, refusals) = (backend.Refreshes, backend.Refusals);
        var crowd = await Task.WhenAll(Enumerable.Range(0, Pages).Select(_ => StatusAsync(site, expired)));
        var served = crowd.Count(status => status is HttpStatusCode.OK);
        var counts = $"{served} served; refresh calls: {backend.Refreshes - refreshes}, with a spent token: {backend.Refusals - refusals}";

        expired = await ExpiredAsync();
        await StatusAsync(site, expired);
        var late = await StatusAsync(site, expired);

        expired = await ExpiredAsync();
        backend.IsDown = true;
        using var down = await site.GetAsync("/app/name", expired);
        var kept = Kept(expired, down);
        backend.IsDown = false;
        var giveUp = DateTimeOffset.UtcNow + Patience;
        var afterwards = await StatusAsync(site, kept);
        while (afterwards is HttpStatusCode.ServiceUnavailable && DateTimeOffset.UtcNow < giveUp)
            afterwards = await StatusAsync(site, kept);

        return
        [
            ($"{Pages} pages are asked for at once", counts),
            ("the answer with the new cookies is lost; the next request brings the old ones", Said(late)),
            ("the backend answers 503", Said(down.StatusCode)),
            ("the backend is back", Said(afterwards)),
        ];
    }

    private static async Task<HttpStatusCode> StatusAsync(Site site, string cookies)
    {
        using var answer = await site.GetAsync("/app/name", cookies);
        return answer.StatusCode;
    }

    /// <summary>Returns what a browser sends after this answer.</summary>
    private static string Kept(string cookies, HttpResponseMessage answer)
    {
        var jar = cookies.Split("; ").Select(cookie => cookie.Split('=', 2)).ToDictionary(cookie => cookie[0], cookie => cookie[1]);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            if (cookie.Split(';')[0].Split('=', 2) is [var name, var value])
                jar[name] = value;
        }
        return string.Join("; ", jar.Where(cookie => cookie.Value is not "").Select(cookie => $"{cookie.Key}={cookie.Value}"));
    }

    private static string Said(HttpStatusCode status) =>
        status switch
        {
            HttpStatusCode.OK => "served",
            HttpStatusCode.Redirect => "signed out",
            HttpStatusCode.ServiceUnavailable => "\"try again\"",
            _ => status.ToString(),
        };
}
