using System.Diagnostics;

namespace TokenSessionSite.Session;

/// <summary>The directory for files of sessions, beside the Data Protection keys. After a restart, the new process reads what the old
/// process stored. Two processes that overlap in a restart share the directory.</summary>
/// <param name="path">Null if the keys are not in a directory. Then nothing is stored.</param>
/// <param name="logger">Logs failures.</param>
public sealed class SessionDirectory(string? path, ILogger<SessionDirectory> logger)
{
    /// <summary>How long to wait before another attempt to open a file that another process has open.</summary>
    internal static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>How long to wait for a file that another process reads or writes.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private long loggedAt;

    public string? Path { get; } = path;

    /// <summary>Returns the last write time of a file; null: there is no such file, or it cannot be read.</summary>
    public DateTime? WrittenAt(string name)
    {
        try
        {
            return File.GetLastWriteTimeUtc(PathOf(name)) is { Year: > 1601 } writtenAt ? writtenAt : null;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            LogFailure(exception);
            return null;
        }
    }

    /// <summary>Opens or creates a file, exclusively. Returns false if another process has it open. The file is null if the directory
    /// cannot be used.</summary>
    public bool TryOpen(string name, out FileStream? file)
    {
        file = null;
        try
        {
            if (Path is not null)
            {
                DataProtectionKeys.CreateDirectory(Path);
                file = File.Open(PathOf(name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }

            return true;
        }
        catch (IOException exception) when (IsInUse(exception))
        {
            return false;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            LogFailure(exception);
            return true;
        }
    }

    /// <summary>Reads or writes a file. Returns null if the directory or the file cannot be used, or if another process has the file open
    /// for longer than <see cref="MaxWait"/>.</summary>
    public async ValueTask<Answer<T>?> UseAsync<T>(string name, Func<FileStream, T> use)
    {
        FileStream? file;
        for (var waited = TimeSpan.Zero; !TryOpen(name, out file); waited += PollInterval)
        {
            if (waited > MaxWait)
            {
                logger.FileInUse(name, Path!);
                return null;
            }

            await Task.Delay(PollInterval);
        }

        if (file is null)
        {
            return null;
        }

        try
        {
            using (file)
            {
                return new Answer<T>(use(file));
            }
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            LogFailure(exception);
            return null;
        }
    }

    /// <summary>Deletes the files that were not written for this long.</summary>
    public void DeleteOlderThan(TimeSpan age, string pattern)
    {
        try
        {
            foreach (var file in new DirectoryInfo(Path!).EnumerateFiles(pattern))
            {
                if (DateTime.UtcNow - file.LastWriteTimeUtc > age)
                {
                    file.Delete();
                }
            }
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            LogFailure(exception);
        }
    }

    private string PathOf(string name) => System.IO.Path.Combine(Path!, name);

    private void LogFailure(Exception exception)
    {
        var last = Interlocked.Read(ref loggedAt);
        var now = Stopwatch.GetTimestamp();
        if ((last is 0 || Stopwatch.GetElapsedTime(last) > LogInterval) && Interlocked.CompareExchange(ref loggedAt, now, last) == last)
        {
            logger.DirectoryFailed(Path!, exception);
        }
    }

    private static bool IsFailure(Exception exception) => exception is IOException or UnauthorizedAccessException;

    // ERROR_SHARING_VIOLATION of Windows, EWOULDBLOCK of Linux and of macOS.
    private static bool IsInUse(IOException exception) => exception.HResult is unchecked((int)0x80070020) or 11 or 35;
}
