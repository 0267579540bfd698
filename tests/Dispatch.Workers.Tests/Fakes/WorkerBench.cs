using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;
using Dispatch.Workers.Registry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dispatch.Workers.Tests.Fakes;

/// <summary>A worker's keeper on a real disk with everything else in memory. Restarting it drops all that the process knew.</summary>
internal sealed class WorkerBench : IAsyncDisposable
{
    internal static readonly LeaseId Lease = new("lease-1");
    internal static readonly LogKey Key = new(new("j"), new("run-1"), 1);

    private const string Spec = """{"process":["sh"],"timeouts":{"stopGrace":"1s"}}""";

    private readonly string directory = Directory.CreateTempSubdirectory("dispatch-bench-").FullName;
    private WorkerFolder folder = null!;
    private RegistryCalls calls = null!;
    private int diskRefusals;

    internal FakeRuntime Runtime { get; private init; } = new();

    internal FakeWorkerRegistry Registry { get; } = new();

    internal FakeGuard Guard { get; } = new();

    internal FakeReporter Reporter { get; } = new();

    internal FakeLogIntake Logs { get; } = new();

    internal LateTimers Clock { get; } = new();

    internal JobKeeper Keeper { get; private set; } = null!;

    internal JobActivities Activities { get; private set; } = null!;

    internal WorkerFolder Folder => folder;

    internal int DiskRefusals => diskRefusals;

    /// <summary>What the keeper told of its runtimes' starts.</summary>
    internal System.Collections.Concurrent.ConcurrentQueue<(string Runtime, string? Failure)> Tried { get; } = new();

    internal string AttemptsFolder => Path.Combine(directory, "attempts");

    internal static async Task<WorkerBench> StartAsync(FakeRuntime? runtime = null)
    {
        var bench = new WorkerBench { Runtime = runtime ?? new() };
        await bench.BeginAsync();
        return bench;
    }

    /// <summary>Another process begins on the same disk; it takes up and registers.</summary>
    internal Task ResumeAsync() => BeginAsync();

    /// <summary>The process dies; the disk and the containers stay.</summary>
    internal async Task KillAsync()
    {
        await Keeper.DisposeAsync();
        Runtime.LoseListeners();
        folder.Dispose();
        calls.Dispose();
    }

    internal void Offer(string spec = Spec) => Registry.Offered[Lease] = spec;

    internal Task TakeAsync(int delivery = 1, StopInput? stop = null) => Activities.TakeAsync(
        new()
        {
            Job = Key.Job,
            Conversation = Key.Conversation,
            Attempt = 1,
            Delivery = delivery,
            Lease = Lease,
            Fence = 3,
            MemoryBytes = 1 << 28,
            RunSeconds = 600,
            Stop = stop,
            Version = "0",
        },
        new() { Token = [(byte)delivery], Delivery = delivery, WorkflowId = "j", RunId = "run-1" },
        heartbeatTimeout: null,
        CancellationToken.None);

    /// <summary>Takes the job and waits until its container runs.</summary>
    internal async Task<string> RunAsync()
    {
        Offer();
        await TakeAsync();
        await Until.True(() => Runtime.Running().Count == 1, "the container runs");
        await Until.True(() => Keeper.Find(Lease)!.State.Phase == AttemptPhase.Running, "the keeper knows it");
        return Runtime.Running()[0];
    }

    internal Task ForgottenAsync() => Until.True(() => Keeper.Count == 0 && !Directory.EnumerateFileSystemEntries(AttemptsFolder).Any(), "the attempt is forgotten");

    /// <summary>The loop that renews.</summary>
    internal RenewalLoop Renewals(TimeProvider clock, ILogger logger) => new(calls, Keeper, TimeProfile.Fast, () => (WorkerState.Ready, []), _ => { }, clock, logger);

    /// <summary>One renewal, as the loop sends it.</summary>
    internal async Task RenewAsync()
    {
        var (answer, sentAt) = await calls.RenewAsync(Keeper.Statements, WorkerState.Ready, [], CancellationToken.None);
        Keeper.Take(answer, sentAt);
    }

    public async ValueTask DisposeAsync()
    {
        await Keeper.DisposeAsync();
        folder.Dispose();
        calls.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    private async Task BeginAsync()
    {
        var host = HostIdentity.Read();
        folder = WorkerFolder.Take(directory, new("w1"), () => "data-1");
        calls = new RegistryCalls(Registry, new("w1"), BootClock.Instance);
        Keeper = new JobKeeper(new()
        {
            Worker = new("w1"),
            Folder = folder,
            Runtimes = new Dictionary<string, IContainerRuntime> { [Runtime.Name] = Runtime },
            Guard = Guard,
            Registry = calls,
            Reporter = Reporter,
            Logs = Logs,
            Clock = Clock,
            Logger = NullLogger.Instance,
            CaptureBytesMax = 1 << 30,
            DiskRefused = () => Interlocked.Increment(ref diskRefusals),
            RuntimeTried = (runtime, failure) => Tried.Enqueue((runtime, failure)),
        });
        foreach (var attempt in folder.ReadAttempts())
        {
            if (Adoption.Read(attempt, attempt.Read(), JobActivities.ReadSpec, Keeper.Parts, host.MachineId, host.BootId) is { } kept)
            {
                var taken = Keeper.Keep(kept);
                await Until.True(() => taken.State is not { Phase: AttemptPhase.Looking, Looking.Failures: 0 }, "the runtime has said what it has of the attempt");
            }
        }

        var sent = BootTime.Now(BootClock.Instance);
        var away = Registry.Away;
        Registry.Away = false;
        var registered = await Registry.RegisterAsync(Registration(host), CancellationToken.None);
        Registry.Away = away;
        calls.Registered(registered);
        Keeper.Take(registered.Leases, sent);
        var identity = new WorkerHost(host.MachineId, host.BootId, folder.Id, new Dictionary<string, string>());
        Activities = new JobActivities(Keeper, identity, registered.Profile, [registered.Admission], () => false);
    }

    private WorkerRegistration Registration(HostIdentity host) => new()
    {
        Worker = new("w1"),
        StartId = "s",
        Host = new(host.MachineId, host.BootId, folder.Id, new Dictionary<string, string>()),
        Version = "0",
        Capacity = new(),
        Runtimes = ["process"],
        Has = Keeper.Statements(),
    };
}
