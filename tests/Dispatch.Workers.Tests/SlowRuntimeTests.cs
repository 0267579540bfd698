using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Workers.Tests;

/// <summary>A worker whose runtime answers late: that delays what is known, and no lease.</summary>
public sealed class SlowRuntimeTests : IAsyncLifetime
{
    private static readonly Uri Endpoint = new("unix:///run/engine.sock");
    private static readonly RuntimeDescription Described = new("fake", "1", SurvivesWorker: true, RunsImages: false, "linux/amd64");

    private readonly TaskCompletionSource answers = new();
    private readonly WorkerStatus status = new();
    private FakeTimeProvider clock = new();
    private WorkerBench bench = null!;
    private bool ended;

    public async Task InitializeAsync()
    {
        bench = await WorkerBench.StartAsync(new FakeRuntime { Endpoint = Endpoint });
        bench.Folder.WriteRuntimes([new(Endpoint, "process", Described)]);
    }

    public async Task DisposeAsync() => await bench.DisposeAsync();

    [Fact]
    public async Task A_worker_that_is_back_registers_and_renews_from_its_disk_while_its_runtime_says_nothing()
    {
        var container = await bench.RunAsync();
        var permission = bench.Guard.PermissionOf(WorkerBench.Lease);
        await bench.KillAsync();
        bench.Runtime.Answering = _ => answers.Task;

        var service = await BackAsync();
        await Until.True(
            () => bench.Registry.Renewals.LastOrDefault() is { Has: [{ Activity: LeaseActivity.Running }], State: WorkerState.NotReady }, "the lease is renewed");
        await Until.True(() => bench.Guard.PermissionOf(WorkerBench.Lease) > permission, "the guard goes by the renewal");
        Assert.Contains(service.Status.Unmet, missing => missing.Contains("has not said yet who it is", StringComparison.Ordinal));

        answers.SetResult();
        await Until.True(() => service.Keeper!.Find(WorkerBench.Lease)!.State.Phase == AttemptPhase.Running, "the container is adopted");
        await Until.True(() => !service.Status.Unmet.Any(missing => missing.Contains("runtime", StringComparison.Ordinal)), "the runtime is known again");
        Assert.Equal([container], bench.Runtime.Running());
        Assert.Equal(1, bench.Runtime.Starts);
        await EndAsync(service);
    }

    [Fact]
    public async Task A_worker_whose_runtime_is_another_than_its_jobs_were_started_in_ends_and_the_next_one_knows_it()
    {
        await bench.RunAsync();
        await bench.KillAsync();
        bench.Runtime.Answering = _ => answers.Task;
        bench.Runtime.Id = "other";

        var service = await BackAsync();
        answers.SetResult();
        await Until.True(() => ended, "the worker ends");
        Assert.True(service.IsRuntimeReplaced);
        await EndAsync(service);
        Assert.Equal("other", Assert.Single(bench.Folder.ReadRuntimes()).Description.RuntimeId);
    }

    [Fact]
    public async Task A_runtime_that_answers_but_is_slow_to_describe_itself_is_ready()
    {
        bench.Runtime.Answering = call => call == "describe" ? answers.Task : Task.CompletedTask;
        await Watch().PingAsync(CancellationToken.None);
        Assert.Empty(status.Unmet);
    }

    [Fact]
    public async Task A_runtime_that_was_silent_is_ready_again_at_its_next_answer()
    {
        var watch = Watch();
        bench.Runtime.Answering = _ => answers.Task;
        var asking = watch.PingAsync(CancellationToken.None);
        clock.Advance(RuntimeWatch.PingLimit);
        await asking;
        Assert.Contains("does not answer", Assert.Single(status.Unmet), StringComparison.Ordinal);

        bench.Runtime.Answering = _ => Task.CompletedTask;
        await watch.PingAsync(CancellationToken.None);
        Assert.Empty(status.Unmet);
    }

    /// <summary>Another process begins on the same disk; what passes until it has begun is less than a worker may be away.</summary>
    private async Task<WorkerService> BackAsync()
    {
        clock = new(new DateTimeOffset(BootTime.Now(BootClock.Instance).Ticks, TimeSpan.Zero));
        var service = new WorkerService(
            new()
            {
                Id = new("w1"), DataDirectory = bench.Folder.FullPath, Registry = bench.Registry, Logs = bench.Logs, Runtimes = [bench.Runtime], Guard = bench.Guard,
                TemporalAddress = "127.0.0.1:1", Clock = clock,
            },
            NullLoggerFactory.Instance,
            () => ended = true);
        var since = clock.GetTimestamp();
        var starting = service.StartAsync(CancellationToken.None);
        await Until.True(
            () =>
            {
                clock.Advance(starting.IsCompleted ? TimeSpan.Zero : TimeSpan.FromMilliseconds(50));
                return starting.IsCompleted;
            },
            "the worker has begun");
        await starting;
        Assert.True(clock.GetElapsedTime(since) < TimeSpan.FromSeconds(2), $"{clock.GetElapsedTime(since)}");
        return service;
    }

    /// <summary>The process ends, and the bench has its disk again.</summary>
    private async Task EndAsync(WorkerService service)
    {
        await service.StopAsync(CancellationToken.None);
        service.Dispose();
        await bench.ResumeAsync();
    }

    private RuntimeWatch Watch() => new(
        new WorkerRuntimes(
            new Dictionary<string, IContainerRuntime> { ["process"] = bench.Runtime },
            new Dictionary<string, RuntimeDescription> { ["process"] = Described },
            new Dictionary<string, string>(),
            new Dictionary<string, Task<RuntimeDescription>>()),
        bench.Folder, status, clock, _ => ended = true, NullLogger.Instance);
}
