using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Uses a lock file for each session, so that only one of two processes that overlap in a restart refreshes. When a process ends,
/// the operating system releases its locks.</summary>
public sealed class FileRefreshLock(SessionDirectory directory, SessionClock clock, IOptions<TokenSessionOptions> options) : IRefreshLock
{
    internal const string Extension = ".lock";

    public async Task<RefreshResult> RunExclusiveAsync(
        string sessionId,
        DateTimeOffset validUntil,
        Func<Task<RefreshResult?>> recheck,
        Func<Task<RefreshResult>> refresh
    )
    {
        var name = SharedTokenFamilyStore.Hash(sessionId) + Extension;
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < options.Value.RefreshTimeout; )
        {
            if (directory.TryOpen(name, out var file))
            {
                using (file)
                {
                    return await recheck() ?? await refresh();
                }
            }

            await Task.Delay(SessionDirectory.PollInterval);
            if (await recheck() is { } known)
            {
                return known;
            }
        }

        return new(RefreshOutcome.Postponed, RetryAt: clock.GetUtcNow() + options.Value.RefreshRetryDelay);
    }
}
