using System.Runtime.CompilerServices;

namespace Tests.Infrastructure;

public static class Wait
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Waits for a condition that another thread makes true.</summary>
    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "") =>
        UntilAsync(() => Task.FromResult(condition()), Timeout, text);

    /// <exception cref="OperationCanceledException">The condition did not become true within the timeout (default 30 s).</exception>
    public static async Task UntilAsync(
        Func<Task<bool>> condition,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(condition))] string text = ""
    )
    {
        using var deadline = new CancellationTokenSource(timeout ?? Timeout);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
            {
                throw new OperationCanceledException($"This did not become true: {text}");
            }

            await pulse.WaitForNextTickAsync();
        }
    }
}
