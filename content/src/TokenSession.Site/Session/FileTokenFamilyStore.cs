namespace TokenSessionSite.Session;

/// <summary>Stores token families in memory and in files of <see cref="SessionDirectory"/>: the store of a site without other nodes.</summary>
public sealed class FileTokenFamilyStore(
    SessionDirectory directory,
    TokenFamilySerializer serializer,
    TokenFamilyCache cache,
    ILogger<FileTokenFamilyStore> logger
) : SharedTokenFamilyStore(cache, logger)
{
    public override bool IsAuthoritative => true;

    protected override async ValueTask<Answer<TokenFamily?>?> LoadAsync(string sessionId, string session)
    {
        if (directory.Path is null)
        {
            return null;
        }

        return directory.Has(session)
            ? await directory.UseAsync(session, file => serializer.Read(sessionId, ReadAll(file)))
            : new Answer<TokenFamily?>(null);
    }

    protected override async ValueTask<bool?> SaveAsync(string session, long version, TokenFamily next)
    {
        var saved = await directory.UseAsync(
            session,
            file =>
            {
                if (file.Length > 0 && (serializer.Read(next.SessionId, ReadAll(file))?.Version ?? 0) != version)
                {
                    return false;
                }

                file.SetLength(0);
                file.Write(serializer.Write(next));
                return true;
            }
        );
        return saved?.Value;
    }

    private static byte[] ReadAll(FileStream file)
    {
        var data = new byte[file.Length];
        file.ReadExactly(data);
        return data;
    }
}
