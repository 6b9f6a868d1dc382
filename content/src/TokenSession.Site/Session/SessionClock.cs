namespace TokenSessionSite.Session;

/// <summary>The clock of the sessions: the application's <see cref="TimeProvider"/>. If several nodes share sessions, a derived class can
/// correct this clock. The application's own clock stays unchanged.</summary>
public class SessionClock(TimeProvider time) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
