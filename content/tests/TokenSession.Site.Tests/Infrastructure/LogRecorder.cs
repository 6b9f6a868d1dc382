using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tests.Infrastructure;

/// <summary>Records every log message of the site, at every level.</summary>
public sealed class LogRecorder : ILoggerProvider
{
    public ConcurrentQueue<Entry> Entries { get; } = [];

    /// <summary>Without two messages of the framework: the error for an antiforgery cookie that cannot be decrypted, which it then replaces,
    /// and the warning of the first test that creates a key without encryption.</summary>
    public IEnumerable<Entry> OfTheSite =>
        Entries.Where(entry =>
            !entry.Category.StartsWith("Microsoft.AspNetCore.Antiforgery", StringComparison.Ordinal)
            && !entry.Category.EndsWith(".XmlKeyManager", StringComparison.Ordinal)
        );

    /// <summary>Simulates a failing log, for example a full disk. Applies only to the messages of the session.</summary>
    public bool Throws { get; set; }

    public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, this);

    public void Dispose() { }

    public sealed record Entry(LogLevel Level, string Category, string Message, Exception? Exception);

    private sealed class Recorder(string category, LogRecorder recorder) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (recorder.Throws && category.Contains(".Session.", StringComparison.Ordinal))
            {
                throw new IOException("disk full");
            }

            recorder.Entries.Enqueue(new(logLevel, category, formatter(state, exception), exception));
        }
    }
}
