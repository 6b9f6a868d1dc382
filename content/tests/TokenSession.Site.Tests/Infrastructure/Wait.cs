namespace Tests.Infrastructure;

public static class Wait
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Waits for a condition that another thread makes true.</summary>
    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? Patience);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await condition())
        {
            await pulse.WaitForNextTickAsync(deadline.Token);
        }
    }
}
