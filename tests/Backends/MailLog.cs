using System.Collections.Concurrent;

namespace Backends;

/// <summary>Keeps the mails for the tests.</summary>
internal sealed class MailLog : IMailService
{
    private readonly ConcurrentQueue<Mail> mails = [];

    public IEnumerable<Mail> Mails => mails;

    public Task SendAsync(string to, string subject, string link)
    {
        mails.Enqueue(new(to, subject, link));
        return Task.CompletedTask;
    }

    internal sealed record Mail(string To, string Subject, string Link);
}
