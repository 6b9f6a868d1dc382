namespace TokenSessionSite.Tests.Infrastructure;

public static class Wait
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Waits for something that another thread is about to do.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            await pulse.WaitForNextTickAsync(deadline.Token);
        }
    }
}
