using System.Net.Http.Json;
using System.Text.Json;

namespace Template.Tests.Backends;

/// <summary>A real backend on this machine, with the test controls of tests/Backends or tests/strapi below /_test.</summary>
public abstract class RealBackend : IAsyncDisposable
{
    public const string Email = "demo@example.com";
    public const string Password = "Demo-Passw0rd!";

    private readonly HttpClient client = new();

    public Uri Url { get; protected set; } = new("http://unknown.invalid");

    /// <summary>Calls a control of the test backend, such as delete/demo@example.com.</summary>
    public async Task ControlAsync(string path, object? body = null) =>
        (await client.PostAsync(new Uri(Url, $"_test/{path}"), body is null ? null : JsonContent.Create(body))).EnsureSuccessStatusCode();

    /// <summary>Adds a user with <see cref="Password"/>.</summary>
    public Task AddUserAsync(string email) => ControlAsync("users", new { email, password = Password });

    /// <summary>Returns how many times this path was called.</summary>
    public Task<int> CallsAsync(string path) => SumAsync(path, call => call.GetProperty("count"));

    /// <summary>Returns how many times this path answered with this status.</summary>
    public Task<int> AnswersAsync(string path, int status) =>
        SumAsync(path, call => call.GetProperty("statuses").TryGetProperty($"{status}", out var count) ? count : default);

    /// <summary>The links in the mails to this address, oldest first.</summary>
    public async Task<IReadOnlyList<Uri>> MailsAsync(string email)
    {
        var mails = await client.GetFromJsonAsync<JsonElement>(new Uri(Url, "_test/mails"));
        return
        [
            .. mails
                .EnumerateArray()
                .Where(mail => mail.GetProperty("to").GetString() == email)
                .Select(mail => new Uri(mail.GetProperty("link").GetString()!)),
        ];
    }

    public virtual ValueTask DisposeAsync()
    {
        client.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task<int> SumAsync(string path, Func<JsonElement, JsonElement> count)
    {
        var calls = await client.GetFromJsonAsync<JsonElement>(new Uri(Url, "_test/calls"));
        return calls
            .EnumerateArray()
            .Where(call => call.GetProperty("path").GetString() == path)
            .Select(count)
            .Sum(number => number.ValueKind is JsonValueKind.Number ? number.GetInt32() : 0);
    }
}
