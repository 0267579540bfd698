using Dispatch.Runtimes.Host;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using static Dispatch.Workers.Tests.Keeper.Attempts;

namespace Dispatch.Workers.Tests.Keeper;

/// <summary>A worker whose disk takes nothing: its jobs and leases end all the same, and no job is sent to it.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("dispatch-full-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_report_that_the_disk_does_not_take_is_delivered_after_some_tries_and_stored_when_there_is_room()
    {
        var state = Reached(Running(), Seconds(1), new AttemptInput.Ended(Exit(7)), new AttemptInput.Collected(null, null));
        var now = Seconds(1);
        for (var tries = 1; tries <= AttemptDues.StoreTriesMax; tries++)
        {
            var refused = AttemptLife.Next(state, new AttemptInput.ReportStored(false), now);
            Assert.Equal(tries == AttemptDues.StoreTriesMax, refused.Actions.Any(action => action is AttemptAction.SendReport));
            Assert.Equal(tries == AttemptDues.StoreTriesMax, refused.Actions.Any(action => action is AttemptAction.Remove));
            now += Seconds(6);
            state = tries == AttemptDues.StoreTriesMax ? refused.State : AttemptLife.Next(refused.State, new AttemptInput.Tick(), now).State;
        }

        var removed = AttemptLife.Next(state, new AttemptInput.Removed(true), now);
        Assert.Contains(new AttemptAction.StoreReport(state.Report!), removed.Actions);
        Assert.Contains(new AttemptAction.Return(state.Report!), removed.Actions);

        // Nothing is forgotten while its report is on its way to the disk: the write would leave a folder behind.
        var over = Reached(removed.State, now, new AttemptInput.Returned(true), new AttemptInput.ReportAnswered(TemporalAnswer.Accepted));
        Assert.Equal(AttemptPhase.Closing, over.Phase);
        Assert.Equal(AttemptPhase.Done, Reached(over, now, new AttemptInput.ReportStored(false)).Phase);
        Assert.Equal(AttemptPhase.Done, Reached(over, now, new AttemptInput.ReportStored(true)).Phase);
    }

    [Fact]
    public async Task A_job_ends_with_its_outcome_and_its_lease_is_returned_though_the_disk_takes_nothing()
    {
        await using var bench = await WorkerBench.StartAsync();
        var name = await bench.RunAsync();
        var attempt = Assert.Single(Directory.GetDirectories(bench.AttemptsFolder));

        // What stands in a journal's place takes no line, whoever writes.
        File.Delete(Path.Combine(attempt, "attempt.jsonl"));
        Directory.CreateDirectory(Path.Combine(attempt, "attempt.jsonl"));
        bench.Runtime.End(name, 7);
        await bench.ForgottenAsync();

        Assert.Equal(7, Assert.Single(bench.Reporter.Reports).Report.Result!.Outcome.Code);
        Assert.Equal(7, Assert.Single(bench.Registry.Returns).Outcome!.Outcome.Code);
        Assert.NotEqual(0, bench.DiskRefusals);
    }

    [Fact]
    public void Lost_output_is_told_with_the_log_of_every_report()
    {
        var exit = Exit(7) with { OutputBytesLost = 5 };
        Assert.Equal(5, Closing(Running(), Seconds(1), exit).Report!.Result!.Log!.LostBytes);
        Assert.Null(Closing(Running(), Seconds(1), Exit(7)).Report!.Result!.Log!.LostBytes);
        var killed = Closing(Running(), Seconds(18), Exit(137, 9, at: 18) with { OutputBytesLost = 6 });
        Assert.Equal(6, killed.Report!.Failure!.Log!.LostBytes);
    }

    [Theory]
    [InlineData(1L << 40, 129L << 20, true)]
    [InlineData(1L << 40, 127L << 20, false)]
    [InlineData(160 << 20, 21 << 20, true)]
    [InlineData(160 << 20, 19 << 20, false)]
    public void A_worker_is_ready_while_its_disk_has_twice_what_output_leaves_free(long total, long free, bool ready)
    {
        var room = new DiskRoom(total, free);
        Assert.Equal(ready, DiskWatch.Missing(room) is null);
        Assert.True(room.CopyReserveBytes < room.ReserveBytes);
        Assert.Equal((true, false), (room.Takes(free - room.ReserveBytes, room.ReserveBytes), room.Takes(free - room.ReserveBytes + 1, room.ReserveBytes)));
    }

    [Fact]
    public void A_file_system_that_does_not_say_its_room_is_not_full() => Assert.Null(DiskWatch.Missing(null));

    [Fact]
    public void A_disk_that_takes_nothing_makes_the_worker_not_ready_until_it_does()
    {
        var data = Path.Combine(folder, "data");
        Directory.CreateDirectory(Path.Combine(data, "probe"));
        var status = new WorkerStatus();
        status.Registered(1);
        var watch = new DiskWatch(data, status, NullLogger.Instance);
        watch.Look();
        Assert.Contains("disk takes nothing", Assert.Single(status.Unmet), StringComparison.Ordinal);

        Directory.Delete(Path.Combine(data, "probe"));
        watch.Look();
        Assert.Empty(status.Unmet);
        Assert.Empty(Directory.EnumerateFileSystemEntries(data));
    }

    [Fact]
    public void A_line_is_said_at_once_and_then_once_a_minute()
    {
        var clock = new ManualClock();
        var seldom = new SaidSeldom(clock);
        Assert.Equal([true, false], [seldom.MaySay(), seldom.MaySay()]);
        clock.Now += SaidSeldom.Every;
        Assert.Equal([true, false], [seldom.MaySay(), seldom.MaySay()]);
    }

    private sealed class ManualClock : TimeProvider
    {
        internal TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
