using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Workers;

/// <summary>Workers whose disk is full, for real.</summary>
[Collection(WorkersCollection.Name)]
public sealed class FullDiskCases(WorkersFixture fixture) : WorkerTests(fixture.Stack)
{
    private SmallDisk? _disk;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
    }

    [Fact]
    public async Task A_job_whose_output_fills_the_disk_ends_at_its_deadline_and_the_worker_takes_jobs_again()
    {
        var worker = await StartOnSmallDiskAsync("full-output");

        var job = await Jobs.SubmitAsync("""{"worker":"full-output","process":["sh","-c","head -c 20000000 /dev/zero; echo end >&2; sleep 300; exit 4"],"timeouts":{"run":"20s","stopGrace":"2s"}}""");
        await UntilStateAsync("full-output", WorkerState.NotReady);
        Assert.Contains("disk", Assert.Single((await WorkerAsync("full-output")).Unmet), StringComparison.Ordinal);

        var view = await Jobs.EndAsync(job);
        Assert.Equal((TerminationReason.ExecutionTimeout, 1), (view.Reason!.Value, view.Report!.AttemptsUsed));
        var log = view.Report.Log!;
        Assert.InRange(log.StdoutBytes, 1 << 20, 6 << 20);
        Assert.Equal(20_000_004, log.StdoutBytes + log.StderrBytes + log.LostBytes);
        Assert.Equal(log.StdoutBytes, (await Jobs.StdoutAsync(job)).Length);

        await UntilStateAsync("full-output", WorkerState.Ready);
        var next = await Jobs.RunAsync("""{"worker":"full-output","process":["sh","-c","echo hello; exit 3"]}""");
        Assert.Equal((3, 1, "hello\n"), (next.ExitCode!.Value, next.Report!.AttemptsUsed, next.StdoutTail!.Text));
        Assert.Null(next.Report.Log!.LostBytes);
        AssertShortLog(worker);
    }

    [Fact]
    public async Task A_job_whose_files_fill_the_disk_ends_with_its_own_code()
    {
        var worker = await StartOnSmallDiskAsync("full-files");

        var job = await Jobs.SubmitAsync("""{"worker":"full-files","process":["sh","-c","echo begun; cat /dev/zero > big; sleep 8; exit 9"]}""");
        await UntilStateAsync("full-files", WorkerState.NotReady);

        var view = await Jobs.EndAsync(job);
        Assert.Equal((9, 1), (view.ExitCode!.Value, view.Report!.AttemptsUsed));
        await UntilStateAsync("full-files", WorkerState.Ready);
        AssertShortLog(worker);
    }

    private async Task<RunningProcess> StartOnSmallDiskAsync(string id)
    {
        _disk = await SmallDisk.MountAsync(Stack.WorkerFolder(id), mebibytes: 6);
        return await StartAsync(id, "--slots", "8");
    }

    private async Task<Contracts.Http.WorkerView> WorkerAsync(string id) => (await Jobs.WorkersAsync()).Single(worker => worker.Id.Value == id);

    private Task UntilStateAsync(string id, WorkerState state) =>
        Until.HoldsAsync($"worker {id} is {state}", async () => (await WorkerAsync(id)).State == state, Deadlines.Job);

    private static void AssertShortLog(RunningProcess worker)
    {
        Assert.InRange(worker.Error.Split('\n').Length, 1, 12);
        Assert.DoesNotContain("   at ", worker.Error, StringComparison.Ordinal);
    }
}
