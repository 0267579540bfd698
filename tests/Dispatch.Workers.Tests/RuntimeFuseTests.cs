using Dispatch.Contracts.Workers;

namespace Dispatch.Workers.Tests;

/// <summary>A runtime that starts nothing eats a few jobs and no more.</summary>
public sealed class RuntimeFuseTests
{
    private readonly HandClock time = new();
    private readonly WorkerStatus status = new();
    private readonly RuntimeFuse fuse;

    public RuntimeFuseTests()
    {
        fuse = new(status, time);
        status.Registered(1);
    }

    [Fact]
    public void Three_failures_in_a_row_make_the_worker_not_ready_and_it_says_why()
    {
        Fail(2);
        Assert.Equal(WorkerState.Ready, status.State);
        Fail(1);
        Assert.Equal(WorkerState.NotReady, status.State);
        Assert.Equal("The runtime docker has started none of the last 3 attempts, the last because: no runc. The worker takes jobs again at 12:00:30 UTC.", Assert.Single(status.Unmet));
    }

    [Fact]
    public void A_start_between_counts_anew_and_each_runtime_counts_for_itself()
    {
        Fail(2);
        fuse.Tried("docker", null);
        Fail(2);
        fuse.Tried("process", "no room");
        Assert.Equal(WorkerState.Ready, status.State);
    }

    [Fact]
    public void After_the_pause_it_is_tried_again_and_each_further_failure_doubles_the_pause_up_to_the_longest()
    {
        Fail(3);
        foreach (var seconds in new[] { 30, 60, 120, 240, 480, 600, 600 })
        {
            Pass(seconds - 1);
            Assert.Equal(WorkerState.NotReady, status.State);
            Pass(1);
            Assert.Equal(WorkerState.Ready, status.State);
            Fail(1);
            Assert.Equal(WorkerState.NotReady, status.State);
        }
    }

    [Fact]
    public void What_fails_during_the_pause_does_not_prolong_it_and_a_start_ends_it()
    {
        Fail(3);
        Pass(10);
        Fail(5);
        Pass(20);
        Assert.Equal(WorkerState.Ready, status.State);
        Fail(1);
        fuse.Tried("docker", null);
        Assert.Equal(WorkerState.Ready, status.State);
        Fail(2);
        Assert.Equal(WorkerState.Ready, status.State);
    }

    private void Fail(int times)
    {
        for (var i = 0; i < times; i++)
        {
            fuse.Tried("docker", "no runc.");
        }
    }

    private void Pass(int seconds)
    {
        time.Now += TimeSpan.FromSeconds(seconds);
        fuse.Look();
    }

    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
