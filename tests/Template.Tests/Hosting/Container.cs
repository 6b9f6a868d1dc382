using System.Text.RegularExpressions;
using Template.Tests.Infrastructure;

namespace Template.Tests.Hosting;

/// <summary>
/// What `docker run` of docs/hosting.md does, without Docker: the entry point of an image runs as the user of the image, with the file system
/// of the image, and with the mounts and settings of the command. It always runs without capabilities and gets no new privileges. The
/// runtime and its libraries are those of this machine.
/// </summary>
public static partial class Container
{
    // $1 is the folder of the image, $2 the host folder of the volume, $3 its directory, $4 the directory for temporary files, $5 the user.
    private const string Script = """
        set -e
        mount --bind "$1" "$1"
        cd "$1"
        for folder in bin etc lib lib64 usr; do
            if [ -L /$folder ]; then
                [ -L $folder ] || ln -s "$(readlink /$folder)" $folder
            elif [ -d /$folder ]; then
                mkdir -p $folder
                mount --rbind /$folder $folder
            fi
        done
        mkdir -p dev proc
        mount --rbind /dev dev
        mount -t proc proc proc
        if [ "$3" ]; then mount --bind "$2" ".$3"; fi
        if [ "$4" ]; then mount -t tmpfs tmpfs ".$4"; fi
        mount -o remount,bind,ro "$1"
        user=$5
        shift 5
        exec chroot . setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs "$@"
        """;

    /// <summary>Null: this machine can do that.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() ? "This needs Linux."
        : Environment.UserName != "root" ? "This needs root."
        : !File.Exists("/usr/bin/dotnet") ? "This needs /usr/bin/dotnet."
        : null;

    /// <param name="command">The docker run command.</param>
    /// <param name="image">The image that it runs.</param>
    /// <param name="volume">The folder of the volume, which outlives the container.</param>
    /// <param name="settings">Other values for settings of the command, or settings in addition.</param>
    public static Task<RunningSite> RunAsync(
        string command,
        ContainerImage image,
        string volume,
        IReadOnlyDictionary<string, string> settings
    )
    {
        // The script does what these options do, whether or not the command has them.
        Assert.All(
            ["--read-only", "--cap-drop ALL", "--security-opt no-new-privileges"],
            option => Assert.Contains(option, command, StringComparison.Ordinal)
        );
        var ofTheCommand = ContainerImage.Settings(command).Select(setting => $"{setting.Key}={setting.Value}");
        string[] arguments =
        [
            "--mount",
            "sh",
            "-c",
            Script,
            "sh",
            image.Root,
            volume,
            Volume().Match(command).Groups[1].Value,
            TemporaryFiles().Match(command).Groups[1].Value,
            image.User,
            "env",
            "-i",
            $"--chdir={image.WorkingDirectory}",
            .. image.Environment,
            .. ofTheCommand,
            .. settings.Select(setting => $"{setting.Key}={setting.Value}"),
            .. image.EntryPoint,
        ];
        return RunningSite.StartAsync(Cli.StartInfo("unshare", arguments, image.Root));
    }

    [GeneratedRegex(@"--volume \S+?:(\S+)")]
    private static partial Regex Volume();

    [GeneratedRegex(@"--tmpfs (\S+)")]
    private static partial Regex TemporaryFiles();
}
