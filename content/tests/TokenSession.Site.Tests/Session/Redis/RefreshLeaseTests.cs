using System.Diagnostics;

namespace Tests.Session.Redis;

/// <summary>Whether a lease allows the refresh token to be sent.</summary>
public sealed class RefreshLeaseTests
{
    private static readonly RefreshLease.Renewal Now = RefreshLease.Renewal.Now;

    [Fact]
    public void A_recently_renewed_lease_allows_it() => NewLease(Now).ThrowIfLost();

    [Fact]
    public void A_lease_that_was_not_renewed_for_its_duration_does_not() =>
        AssertLost(NewLease(Now with { Timestamp = Stopwatch.GetTimestamp() - (5 * Stopwatch.Frequency) }));

    [Fact]
    public void A_lease_that_ended_while_a_virtual_machine_was_suspended_does_not() =>
        AssertLost(NewLease(Now with { Time = DateTime.UtcNow.AddSeconds(-5) }));

    [Fact]
    public void A_lock_that_was_lost_and_taken_again_does_not()
    {
        var lease = NewLease(Now);
        lease.Lost();
        lease.Renewed(RefreshLease.Renewal.Now);
        AssertLost(lease);
    }

    [Fact]
    public void After_the_answer_of_the_backend_an_adapter_may_call_it_again()
    {
        var lease = NewLease(Now);
        lease.Answered();
        lease.Lost();
        lease.ThrowIfLost();
        Assert.False(lease.WasLost);
    }

    private static RefreshLease NewLease(RefreshLease.Renewal renewal)
    {
        var lease = new RefreshLease();
        lease.Renewed(renewal);
        return lease;
    }

    private static void AssertLost(RefreshLease lease)
    {
        Assert.Throws<HttpRequestException>(lease.ThrowIfLost);
        Assert.True(lease.WasLost);
    }
}
