using Microsoft.Extensions.Options;

namespace TokenSessionSite.Session;

/// <summary>Reports another process that uses the directory for longer than a restart takes, and deletes the files of old sessions.</summary>
public sealed class SessionDirectoryMonitor(
    SessionDirectory directory,
    SessionClock clock,
    IOptions<TokenSessionOptions> options,
    IHostApplicationLifetime lifetime,
    ILogger<SessionDirectoryMonitor> logger
) : BackgroundService
{
    /// <summary>A process that stops releases this file before it completes its last requests.</summary>
    private const string InUse = "in-use";

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1),
        RestartTime = TimeSpan.FromSeconds(5),
        DeletionInterval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (directory.Path is null)
        {
            return;
        }

        var stopping = lifetime.ApplicationStopping;
        try
        {
            using var file = await OpenAsync(stopping);
            for (; ; await Task.Delay(DeletionInterval, clock, stopping))
            {
                directory.DeleteOlderThan(
                    options.Value.IdleTimeout + SessionRefresher.KeptAfterExpiry,
                    "*" + FileTokenFamilyStore.Extension
                );

                // A lock file is written only when it is created, at the first refresh of its session.
                directory.DeleteOlderThan(
                    options.Value.AbsoluteTimeout + SessionRefresher.KeptAfterExpiry,
                    "*" + FileRefreshLock.Extension
                );
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The site stops. The next process can now open the file.
        }
    }

    private async Task<FileStream?> OpenAsync(CancellationToken stopping)
    {
        FileStream? file;
        for (var waited = TimeSpan.Zero; !directory.TryOpen(InUse, out file); waited += CheckInterval)
        {
            if (waited == RestartTime)
            {
                logger.OtherProcess(directory.Path!);
            }

            await Task.Delay(CheckInterval, clock, stopping);
        }

        return file;
    }
}
