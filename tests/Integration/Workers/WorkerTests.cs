using Dispatch.Contracts.Http;
using Dispatch.Contracts.Workers;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Workers;

/// <summary>Tests with workers of their own: they are ended in order after each test, and are gone.</summary>
public abstract class WorkerTests(DevStack stack) : StackTests(stack)
{
    private readonly List<RunningProcess> _workers = [];

    protected async Task<RunningProcess> StartAsync(string id, params string[] more)
    {
        var worker = Begin(id, more);
        await Stack.UntilReadyAsync(id, worker);
        return worker;
    }

    /// <summary>Starts several side by side.</summary>
    protected Task<RunningProcess[]> StartAllAsync(params (string Id, string[] More)[] workers) => Task.WhenAll(workers.Select(worker => StartAsync(worker.Id, worker.More)));

    protected RunningProcess Begin(string id, string[] more, IReadOnlyDictionary<string, string>? environment = null, string? stdin = "") =>
        Keep(Stack.StartWorker(id, ["--on-stop", "stop", .. more.Contains("--runtimes") ? (string[])[] : ["--runtimes", "process"], .. more], environment, stdin));

    protected RunningProcess Keep(RunningProcess worker)
    {
        _workers.Add(worker);
        return worker;
    }

    protected async Task EndAsync(RunningProcess worker)
    {
        worker.Signal(RunningProcess.Sigterm);
        var ended = await worker.EndAsync(Deadlines.Role);
        Assert.True(ended.ExitCode == 0, ended.ToString());
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var worker in _workers.Where(worker => !worker.HasExited))
            worker.Signal(RunningProcess.Sigterm);
        foreach (var worker in _workers)
        {
            await worker.EndAsync(Deadlines.Role);
            await worker.DisposeAsync();
        }

        await Until.HoldsAsync("no worker is ready", async () => (await Jobs.WorkersAsync()).All(worker => worker.State is not WorkerState.Ready), Deadlines.Gone);
        await Until.NothingAsync("guards", () => Task.FromResult<IReadOnlyList<string>>([.. HostProcesses.Of(Stack.Folder).Where(process => process.Contains(" guard ", StringComparison.Ordinal))]), Deadlines.Gone);
    }

    protected async Task<JobView> RunningAsync(string spec, string id)
    {
        var job = await Jobs.SubmitAsync(spec, id);
        return await Jobs.UntilAsync(job, view => view.State == JobState.Running && view.StartedAt is not null);
    }
}
