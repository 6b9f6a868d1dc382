using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using SmtpServer;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace Template.Tests.Infrastructure;

/// <summary>A mail server on a free port of this machine. It accepts every mail and delivers none.</summary>
public sealed partial class MailServer : MessageStore, IAsyncDisposable
{
    private readonly ConcurrentQueue<(string To, string Text)> mails = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;

    public MailServer()
    {
        var options = new SmtpServerOptionsBuilder()
            .ServerName("localhost")
            .Endpoint(endpoint => endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port)))
            .Build();
        var services = new ServiceProvider();
        services.Add(this);
        running = new SmtpServer.SmtpServer(options, services).StartAsync(stopping.Token);
    }

    public int Port { get; } = FreePort.Next();

    public int CountTo(string address) => mails.Count(mail => mail.To == address);

    /// <summary>Waits for the next mail to this address, and returns the link with a token in it.</summary>
    /// <param name="address">The recipient.</param>
    /// <param name="after">How many earlier mails to this address are ignored.</param>
    public async Task<Uri> LinkToAsync(string address, int after = 0)
    {
        await Eventually.TrueAsync(() => CountTo(address) > after, $"a mail to {address}");
        var text = mails.Where(mail => mail.To == address).ElementAt(after).Text;
        return new(Link().Match(text).Value);
    }

    public override Task<SmtpResponse> SaveAsync(
        ISessionContext context,
        IMessageTransaction transaction,
        ReadOnlySequence<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        // Quoted-printable (RFC 2045, 6.7): lines are broken, and the equals signs of links are encoded.
        var text = Encoding
            .UTF8.GetString(buffer)
            .Replace("=\r\n", "", StringComparison.Ordinal)
            .Replace("=3D", "=", StringComparison.Ordinal);
        foreach (var to in transaction.To)
            mails.Enqueue(($"{to.User}@{to.Host}", text));
        return Task.FromResult(SmtpResponse.Ok);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }

    [GeneratedRegex("""https?://[^\s"<>]+[?]token=[A-Za-z0-9._-]+""")]
    private static partial Regex Link();
}
