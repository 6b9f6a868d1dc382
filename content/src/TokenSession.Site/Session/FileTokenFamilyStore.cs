using Microsoft.Extensions.Caching.Memory;

namespace TokenSessionSite.Session;

/// <summary>Stores token families in memory and in files of <see cref="SessionDirectory"/>, for a site with one node. A file is read again
/// only if its last write time shows that another process has written it.</summary>
public sealed class FileTokenFamilyStore(
    SessionDirectory directory,
    TokenFamilySerializer serializer,
    TokenFamilyCache cache,
    SessionClock clock,
    ILogger<FileTokenFamilyStore> logger
) : SharedTokenFamilyStore(cache, logger), IDisposable
{
    internal const string Extension = ".family";

    private readonly MemoryCache contents = new(new MemoryCacheOptions());

    public override bool IsAuthoritative => true;

    public void Dispose() => contents.Dispose();

    protected override async ValueTask<Answer<TokenFamily?>?> LoadAsync(string sessionId, string session)
    {
        if (directory.Path is null)
        {
            return null;
        }

        return directory.WrittenAt(session + Extension) switch
        {
            null => new(null),
            { } writtenAt when Find(session, writtenAt) is { } known => new(known.Family),
            _ => await directory.UseAsync(session + Extension, file => Read(sessionId, session, file)),
        };
    }

    protected override async ValueTask<bool?> SaveAsync(string session, long version, TokenFamily next)
    {
        if (next.ExpiresAt - clock.GetUtcNow() < TokenFamilyCache.KeptFor)
        {
            // A family that expires within ten minutes is kept in memory only: the cache keeps it for that time.
            return null;
        }

        var data = serializer.Write(next);
        var saved = await directory.UseAsync(
            session + Extension,
            file =>
            {
                if ((Read(next.SessionId, session, file)?.Version ?? 0) != version)
                {
                    return false;
                }

                // The file is shortened last: a process that ends in between leaves no empty file.
                file.Position = 0;
                file.Write(data);
                file.SetLength(data.Length);
                file.Flush();

                // The operating system may give two writes within a few milliseconds the same time, so it is set exactly.
                File.SetLastWriteTimeUtc(file.SafeFileHandle, DateTime.UtcNow);
                Keep(session, File.GetLastWriteTimeUtc(file.SafeFileHandle), next);
                return true;
            }
        );
        return saved?.Value;
    }

    private TokenFamily? Read(string sessionId, string session, FileStream file)
    {
        var writtenAt = File.GetLastWriteTimeUtc(file.SafeFileHandle);
        if (Find(session, writtenAt) is { } known)
        {
            return known.Family;
        }

        var data = new byte[file.Length];
        file.ReadExactly(data);
        return Keep(session, writtenAt, serializer.Read(sessionId, data));
    }

    // If the time is in whole milliseconds, the file system may give two writes the same time. The file is then read again.
    private Content? Find(string session, DateTime writtenAt) =>
        contents.Get<Content>(session) is { } known && known.WrittenAt == writtenAt && writtenAt.Ticks % TimeSpan.TicksPerMillisecond > 0
            ? known
            : null;

    private TokenFamily? Keep(string session, DateTime writtenAt, TokenFamily? family) =>
        contents
            .Set(session, new Content(writtenAt, family), new MemoryCacheEntryOptions { SlidingExpiration = TokenFamilyCache.KeptFor })
            .Family;

    /// <summary>What a file contained at its last write time.</summary>
    private sealed record Content(DateTime WrittenAt, TokenFamily? Family);
}
