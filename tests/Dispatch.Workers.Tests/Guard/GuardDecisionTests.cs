using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

public sealed class GuardDecisionTests
{
    private const long Second = 1_000_000_000, Now = 1_000 * Second, AwayMax = 30 * Second;

    [Theory]
    [InlineData(Now + 1, true, false)]
    [InlineData(Now, true, true)]
    [InlineData(Now - 1, true, true)]
    [InlineData(Now + 1, false, false)]
    [InlineData(Now - 1, false, true)]
    [InlineData(long.MinValue, true, true)]
    public void A_process_is_killed_when_its_permission_has_ended_whether_or_not_the_worker_is_there(long ends, bool connected, bool killed)
    {
        var actions = Decide(new GuardView { WorkerConnected = connected, Attempts = [Process() with { PermissionEndsAt = ends }] });

        Assert.Equal(killed ? ["p"] : [], actions.KillProcesses);
        Assert.False(actions.Exit);
    }

    [Theory]
    [InlineData(true, 0, false)]
    [InlineData(false, Now - AwayMax + 1, false)]
    [InlineData(false, Now - AwayMax, true)]
    public void A_process_without_a_permission_lives_as_long_as_its_worker_is_not_away_too_long(bool connected, long seenAt, bool killed)
    {
        var actions = Decide(new GuardView { WorkerConnected = connected, WorkerSeenAt = seenAt, Attempts = [Process()] });

        Assert.Equal(killed ? ["p"] : [], actions.KillProcesses);
    }

    [Theory]
    [InlineData(null, false, false, true)]
    [InlineData(Now - GuardDecision.KillAgainAfter + 1, false, false, false)]
    [InlineData(Now - GuardDecision.KillAgainAfter, false, false, true)]
    [InlineData(Now - GuardDecision.KillAgainAfter, true, false, false)]
    [InlineData(Now - GuardDecision.LookAgainAfter + 1, false, true, false)]
    [InlineData(Now - GuardDecision.LookAgainAfter, false, true, true)]
    public void A_container_is_killed_again_until_it_is_gone_and_looked_for_again_after(long? killedAt, bool underWay, bool confirmed, bool killed)
    {
        var container = Container(Now) with { KilledAt = killedAt, KillUnderWay = underWay, KillConfirmed = confirmed };

        Assert.Equal(killed ? ["c"] : [], Decide(new GuardView { Attempts = [container] }).KillContainers);
        Assert.Empty(Decide(new GuardView { Attempts = [container with { PermissionEndsAt = Now + 1 }] }).KillContainers);
    }

    [Fact]
    public void The_guard_leaves_when_the_worker_stays_away_and_nothing_runs()
    {
        var away = new GuardView { WorkerSeenAt = Now - AwayMax };

        Assert.True(Decide(away).Exit);
        Assert.False(Decide(away with { WorkerSeenAt = Now - AwayMax + 1 }).Exit);
        Assert.False(Decide(away with { WorkerConnected = true }).Exit);
        Assert.False(Decide(away with { Attempts = [Process() with { PermissionEndsAt = Now + 1 }] }).Exit);
        Assert.False(Decide(away with { Attempts = [Process()] }).Exit);
        Assert.False(Decide(away with { Attempts = [Container(Now + 1)] }).Exit);
        Assert.False(Decide(away with { Attempts = [Container(Now)] }).Exit);
        Assert.False(Decide(away with { Attempts = [Container(Now) with { KillConfirmed = true, KillUnderWay = true }] }).Exit);
        Assert.True(Decide(away with { Attempts = [Container(Now) with { KilledAt = Now, KillConfirmed = true }] }).Exit);
    }

    [Fact]
    public void A_guard_whose_directory_was_taken_away_ends_everything_and_leaves()
    {
        var view = new GuardView { DirectoryIsOurs = false, WorkerConnected = true, WorkerSeenAt = Now };
        var busy = Decide(view with { Attempts = [Process() with { PermissionEndsAt = Now + 1 }] });

        Assert.Equal(["p"], busy.KillProcesses);
        Assert.False(busy.Exit);
        Assert.True(Decide(view).Exit);
    }

    private static AttemptView Process() => new() { Directory = "d", Process = "p" };

    private static AttemptView Container(long ends) => new() { Directory = "c", IsContainer = true, PermissionEndsAt = ends };

    private static GuardActions Decide(GuardView view) => GuardDecision.Decide(view, Now, AwayMax);
}
