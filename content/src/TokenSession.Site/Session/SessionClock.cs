namespace TokenSessionSite.Session;

/// <summary>The clock that sessions are measured by: the application's <see cref="TimeProvider"/>. Where several nodes share sessions, a
/// derived class corrects it, and the application's own clock stays as it is.</summary>
public class SessionClock(TimeProvider time) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override long GetTimestamp() => time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
