using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Runs;
using Dispatch.Engine;
using Dispatch.Workers.Tests.Fakes;
using Dispatch.Workflows.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Dispatch.Workers.Tests;

/// <summary>The whole worker against a running engine; registry, runtime and guard are in memory.</summary>
public sealed class WorkerServiceTests : IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("dispatch-worker-").FullName;
    private readonly FakeWorkerRegistry registry = new();
    private readonly FakeRuntime runtime = new();
    private readonly FakeLogIntake logs = new();
    private EngineHost engine = null!;
    private TemporalClient client = null!;
    private WorkerService service = null!;

    public async Task InitializeAsync()
    {
        engine = await EngineHost.StartAsync(new() { Port = 0 });
        client = await TemporalClient.ConnectAsync(new(engine.Address) { DataConverter = DispatchData.Converter });
        registry.Offered[WorkerBench.Lease] = """{"process":["sh"],"timeouts":{"stopGrace":"1s"}}""";
        service = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await service.StopAsync(CancellationToken.None);
        service.Dispose();
        await engine.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_job_completes_asynchronously_long_after_its_heartbeat_time_out()
    {
        await WithSenderAsync(async queue =>
        {
            var handle = await SendAsync(queue);
            var container = await RunningAsync();
            await Task.WhenAny(handle.GetResultAsync(), Task.Delay(Sender.HeartbeatTimeout * 2));
            runtime.End(container, 7);
            var report = await handle.GetResultAsync();
            Assert.Equal((ContainerEnd.Exited, 7), (report.End, report.Outcome.Code));
            await Until.True(() => registry.Returns.Count == 1, "the lease is returned");
        });
    }

    [Fact]
    public async Task A_cancelled_activity_stops_its_container_gracefully_and_reports_it()
    {
        await WithSenderAsync(async queue =>
        {
            var handle = await SendAsync(queue);
            await RunningAsync();
            await handle.SignalAsync(sender => sender.CancelAsync());
            var report = await handle.GetResultAsync();
            Assert.Equal((ContainerEnd.Stopped, 143, 15), (report.End, report.Outcome.Code, report.Outcome.Signal));
        });
    }

    [Fact]
    public async Task Stop_on_the_worker_s_queue_stops_the_container()
    {
        await WithSenderAsync(async queue =>
        {
            var handle = await SendAsync(queue);
            await RunningAsync();
            await handle.SignalAsync(sender => sender.StopAsync());
            Assert.Equal(ContainerEnd.Stopped, (await handle.GetResultAsync()).End);
        });
    }

    [Fact]
    public async Task The_container_of_a_terminated_run_is_gone_within_its_heartbeat_time_out()
    {
        await WithSenderAsync(async queue =>
        {
            var handle = await SendAsync(queue);
            await RunningAsync();
            await handle.TerminateAsync();
            await Until.True(() => runtime.IsEmpty && registry.Returns.Count == 1, "the container is gone");
        });
    }

    [Fact]
    public async Task A_refused_lease_fails_the_activity_by_its_name()
    {
        registry.Offered.Clear();
        await WithSenderAsync(async queue =>
        {
            var handle = await SendAsync(queue);
            var failure = await Assert.ThrowsAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            var cause = Assert.IsType<ApplicationFailureException>(Assert.IsType<ActivityFailureException>(failure.InnerException).InnerException);
            Assert.Equal(nameof(ErrorCode.StaleLease), cause.ErrorType);
            Assert.True(cause.Details.ElementAt<ContainerFailure>(0).NothingStarted);
        });
    }

    [Fact]
    public async Task A_worker_that_ends_in_order_leaves_its_job_and_the_next_one_takes_it_up()
    {
        await WithSenderAsync(async queue =>
        {
            var handle = await SendAsync(queue);
            var container = await RunningAsync();
            await service.StopAsync(CancellationToken.None);
            service.Dispose();
            runtime.LoseListeners();
            Assert.Equal([container], runtime.Running());
            service = await StartAsync();
            Assert.Equal(2, service.Status.Incarnation);
            runtime.End(container, 7);
            Assert.Equal(7, (await handle.GetResultAsync()).Outcome.Code);
            Assert.Equal(1, runtime.Starts);
        });
    }

    [Fact]
    public async Task A_second_worker_on_the_same_data_directory_is_refused_with_one_sentence()
    {
        using var second = new WorkerService(Options(), NullLoggerFactory.Instance, () => { });
        var refused = await Assert.ThrowsAsync<WorkerStartException>(() => second.StartAsync(CancellationToken.None));
        Assert.Contains(directory, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_of_another_id_is_refused_before_it_touches_the_data_directory()
    {
        await service.StopAsync(CancellationToken.None);
        service.Dispose();
        var left = Directory.GetFileSystemEntries(directory, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        var guard = new FakeGuard();

        using var other = new WorkerService(Options("w3") with { Guard = guard }, NullLoggerFactory.Instance, () => { });
        var refused = await Assert.ThrowsAsync<WorkerStartException>(() => other.StartAsync(CancellationToken.None));

        Assert.All([directory, "w1", "w3", "--data", "--id"], word => Assert.Contains(word, refused.Message, StringComparison.Ordinal));
        Assert.Equal(0, guard.Asked);
        Assert.Equal(left, Directory.GetFileSystemEntries(directory, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.GetLastWriteTimeUtc));
        service = await StartAsync();
    }

    [Fact]
    public async Task A_data_directory_whose_first_worker_never_registered_is_still_anybodys()
    {
        var unused = Directory.CreateDirectory(Path.Combine(directory, "unused")).FullName;
        using (var mistyped = new WorkerService(Options("w11") with { DataDirectory = unused, Guard = new FakeGuard { Silent = true } }, NullLoggerFactory.Instance, () => { }))
        {
            await Assert.ThrowsAsync<WorkerStartException>(() => mistyped.StartAsync(CancellationToken.None));
        }

        using var right = new WorkerService(Options("w1") with { DataDirectory = unused }, NullLoggerFactory.Instance, () => { });
        await right.StartAsync(CancellationToken.None);
        await right.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        await right.StopAsync(CancellationToken.None);
    }

    private WorkerOptions Options(string id = "w1") => new()
    {
        Id = new(id),
        DataDirectory = directory,
        Registry = registry,
        Logs = logs,
        Runtimes = [runtime],
        Guard = new FakeGuard(),
        TemporalAddress = engine.Address,
        ShutdownLimit = TimeSpan.FromSeconds(5),
    };

    private async Task<WorkerService> StartAsync()
    {
        var started = new WorkerService(Options(), NullLoggerFactory.Instance, () => { });
        await started.StartAsync(CancellationToken.None);
        await started.Ready.WaitAsync(TimeSpan.FromSeconds(30));
        return started;
    }

    private async Task<string> RunningAsync()
    {
        await Until.True(() => runtime.Running().Count == 1, "the container runs");
        return runtime.Running()[0];
    }

    private Task<WorkflowHandle<Sender, ContainerReport>> SendAsync(string queue) => client.StartWorkflowAsync(
        (Sender sender) => sender.RunAsync(WorkerQueue.Of(new("w1"), service.Status.Incarnation)), new($"j-{Guid.NewGuid()}", queue));

    private async Task WithSenderAsync(Func<string, Task> test)
    {
        var queue = $"senders-{Guid.NewGuid()}";
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(queue).AddWorkflow<Sender>());
        await worker.ExecuteAsync(() => test(queue));
    }
}

/// <summary>Sends one job to a worker's own queue, as a job's workflow does.</summary>
[Workflow]
public sealed class Sender
{
    internal static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource cancelling = new();
    private string queue = "";

    [WorkflowRun]
    public async Task<ContainerReport> RunAsync(string workerQueue)
    {
        queue = workerQueue;
        return await Workflow.ExecuteActivityAsync<ContainerReport>(
            JobNames.RunContainer,
            [
                new RunContainerInput
                {
                    Job = WorkerBench.Key.Job,
                    Conversation = WorkerBench.Key.Conversation,
                    Attempt = 1,
                    Delivery = 1,
                    Lease = WorkerBench.Lease,
                    Fence = 1,
                    MemoryBytes = 1 << 28,
                    RunSeconds = 600,
                    Version = "0",
                },
            ],
            new()
            {
                TaskQueue = queue,
                StartToCloseTimeout = TimeSpan.FromDays(1),
                HeartbeatTimeout = HeartbeatTimeout,
                RetryPolicy = new() { MaximumAttempts = 1 },
                CancellationType = ActivityCancellationType.WaitCancellationCompleted,
                CancellationToken = cancelling.Token,
            });
    }

    [WorkflowSignal]
    public Task CancelAsync()
    {
        cancelling.Cancel();
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public async Task StopAsync() => await Workflow.ExecuteActivityAsync(
        JobNames.Stop,
        [new StopInput { Lease = WorkerBench.Lease, RequestedBy = "me", Reason = "test" }],
        new() { TaskQueue = queue, StartToCloseTimeout = TimeSpan.FromSeconds(10), RetryPolicy = new() { MaximumAttempts = 1 } });
}
