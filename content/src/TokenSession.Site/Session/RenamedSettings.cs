namespace TokenSessionSite.Session;

/// <summary>Reads settings under the names of the first version, and logs a warning. The next version will ignore these names.</summary>
internal static class RenamedSettings
{
    private static readonly Dictionary<string, string> Renamed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["RefreshBefore"] = nameof(TokenSessionOptions.RefreshBeforeExpiration),
        ["CoolDown"] = nameof(TokenSessionOptions.RefreshRetryDelay),
        ["RetryAfterCap"] = nameof(TokenSessionOptions.MaxRetryAfter),
        ["Grace"] = nameof(TokenSessionOptions.GracePeriod),
        ["KeyFolder"] = nameof(TokenSessionOptions.DataProtectionKeyDirectory),
        ["KeyCertificate"] = nameof(TokenSessionOptions.DataProtectionCertificate),
        ["KeyCertificatePassword"] = nameof(TokenSessionOptions.DataProtectionCertificatePassword),
        ["HomePath"] = nameof(TokenSessionOptions.DefaultReturnPath),
    };

    private static readonly string[] Removed = ["LoginPath", "LogoutPath"];

    public static IEnumerable<string> OldNames => Renamed.Keys.Concat(Removed);

    public static void Bind(IConfiguration section, TokenSessionOptions options)
    {
        var values = Renamed.Where(name => section[name.Key] is not null && section[name.Value] is null);
        var renamed = values.Select(name => KeyValuePair.Create(name.Value, section[name.Key]));
        new ConfigurationBuilder().AddInMemoryCollection(renamed).Build().Bind(options);
    }

    public static void Warn(IConfiguration section, ILogger logger)
    {
        foreach (var (old, current) in Renamed.Where(name => section[name.Key] is not null))
        {
            logger.SettingRenamed(old, current);
        }

        foreach (var old in Removed.Where(name => section[name] is not null))
        {
            logger.SettingRemoved(old);
        }
    }
}
