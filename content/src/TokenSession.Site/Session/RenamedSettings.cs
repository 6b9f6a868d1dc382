namespace TokenSessionSite.Session;

/// <summary>Reads the settings of the first version by their old names, for one version, and warns at the start.</summary>
internal sealed class RenamedSettings(IConfiguration configuration, ILogger<RenamedSettings> logger) : IHostedService
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

    private static readonly Dictionary<string, string> Removed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["LoginPath"] = nameof(TokenSessionOptions.LoginPage),
        ["LogoutPath"] = nameof(TokenSessionOptions.LogoutPage),
    };

    public static IEnumerable<string> OldNames => Renamed.Keys.Concat(Removed.Keys);

    public static void Bind(IConfiguration section, TokenSessionOptions options) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(
                Renamed
                    .Where(setting => section[setting.Key] is not null && section[setting.Value] is null)
                    .Select(setting => KeyValuePair.Create(setting.Value, section[setting.Key]))
            )
            .Build()
            .Bind(options);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var section = configuration.GetSection(TokenSessionOptions.Section);
        foreach (var (old, current) in Renamed.Where(setting => section[setting.Key] is not null))
        {
            logger.SettingRenamed(old, current);
        }

        foreach (var (old, current) in Removed.Where(setting => section[setting.Key] is not null))
        {
            logger.SettingRemoved(old, current);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
