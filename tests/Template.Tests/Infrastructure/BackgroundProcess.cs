using System.Diagnostics;
using System.Text;

namespace Template.Tests.Infrastructure;

/// <summary>A process that runs until it is disposed. All its output is kept.</summary>
public sealed class BackgroundProcess : IAsyncDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();

    /// <param name="start">The command, with redirected input and output.</param>
    /// <param name="read">Receives each line of the output.</param>
    public BackgroundProcess(ProcessStartInfo start, Action<string>? read = null)
    {
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Read(line.Data, read);
        process.ErrorDataReceived += (_, line) => Read(line.Data, read);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Exited = process.WaitForExitAsync();
    }

    /// <summary>Completes when the process has exited and all its output was read.</summary>
    public Task Exited { get; }

    /// <summary>The output so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await Exited;
        process.Dispose();
    }

    private void Read(string? line, Action<string>? read)
    {
        if (line is null)
            return;
        lock (output)
            output.AppendLine(line);
        read?.Invoke(line);
    }
}
