using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Workers;
using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Temporalio.Client;

namespace Dispatch.Workers;

/// <summary>How a worker is run. Read once, when it starts; <see cref="WorkerOptionsCheck"/> says all that is wrong with it at once.</summary>
public sealed record WorkerOptions
{
    /// <summary>The worker's stable id: 1 to 100 letters, digits, dots, dashes, underscores. No default.</summary>
    public required WorkerId Id { get; init; }

    /// <summary>Where the worker keeps what it must not forget; the directory is for good that of the first worker that registered with it. No default.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The registry: the one in this process, or <see cref="Registry.HttpWorkerRegistry"/>.</summary>
    public required IWorkerRegistry Registry { get; init; }

    /// <summary>Where output goes: the log store of this process, or <see cref="Logs.HttpLogIntake"/>.</summary>
    public required ILogIntake Logs { get; init; }

    /// <summary>
    /// The runtimes that are tried at start: those that answer are used, the others named as missing with their reason. At least one must answer.
    /// The first that runs images takes the jobs with an image, the first that does not takes plain processes.
    /// </summary>
    public required IReadOnlyList<IContainerRuntime> Runtimes { get; init; }

    /// <summary>The guard of the data directory.</summary>
    public required IWorkerGuard Guard { get; init; }

    /// <summary>The pool. Default <c>default</c>.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>What it can hold. Default: the machine's cores and memory, and exactly one slot.</summary>
    public WorkerCapacity Capacity { get; init; } = MachineCapacity.Of(slots: null);

    /// <summary>Its labels: at most 64, names of 1 to 63 characters, values of at most 256. Default none.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>A client of the process to be shared; null connects to <see cref="TemporalAddress"/>.</summary>
    public ITemporalClient? TemporalClient { get; init; }

    /// <summary>Temporal's host and port. Default <c>127.0.0.1:7233</c>.</summary>
    public string TemporalAddress { get; init; } = "127.0.0.1:7233";

    /// <summary>Temporal's namespace. Default <c>default</c>.</summary>
    public string TemporalNamespace { get; init; } = "default";

    /// <summary>What this worker admits, beside what its pool does; null is what the pool does.</summary>
    public Admission? Admission { get; init; }

    /// <summary>What becomes of running jobs when the worker ends in order. Default <see cref="ShutdownMode.LeaveRunning"/>.</summary>
    public ShutdownMode Shutdown { get; init; } = ShutdownMode.LeaveRunning;

    /// <summary>How long running jobs may go on while the worker drains, before they are stopped; 0 to 30 days. Default 10 minutes.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an ordered end may take before the worker ends anyway, stop grace of jobs not counted; 1 s to 1 h. Default 10 s.</summary>
    public TimeSpan ShutdownLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one output stream that are kept on the worker before they are shipped; what comes after is dropped. 1 MiB to 1 TiB, default 4 GiB.</summary>
    public long CaptureBytesMax { get; init; } = 4L << 30;

    /// <summary>The clock; its time stamps must count from the machine's boot (<see cref="BootClock"/>, the default).</summary>
    public TimeProvider Clock { get; init; } = BootClock.Instance;

    /// <summary>Makes ids (data directory, start). Default random.</summary>
    public Func<string> NewId { get; init; } = () => Guid.NewGuid().ToString("n");
}

/// <summary>What becomes of running jobs when the worker ends in order.</summary>
public enum ShutdownMode
{
    /// <summary>They run on where their runtime lets them, for the next start of the worker to adopt; the guard ends them when none comes in time.</summary>
    LeaveRunning,

    /// <summary>They are stopped gracefully, and the worker ends when they are gone.</summary>
    Stop,

    /// <summary>They may end by themselves up to <see cref="WorkerOptions.DrainLimit"/>, then they are stopped gracefully.</summary>
    Drain,
}

/// <summary>The guard as the worker sees it: what ends containers whose permission has passed, also when the worker is dead.</summary>
public interface IWorkerGuard
{
    /// <summary>Makes sure that it answers; starts it where it does not.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it has answered; a guard that cannot be had throws <see cref="RuntimeException"/> or <see cref="IOException"/>.</returns>
    Task EnsureRunningAsync(CancellationToken cancellationToken);

    /// <summary>Writes until when a container may run. When it returns, the guard goes by it.</summary>
    /// <param name="permission">The container and the end.</param>
    void Permit(ContainerPermission permission);

    /// <summary>Takes a container out: it is gone.</summary>
    /// <param name="lease">Its lease.</param>
    void Forget(LeaseId lease);

    /// <summary>The end of permission written last, by this process or an earlier one; null is none.</summary>
    /// <param name="lease">The lease.</param>
    /// <returns>The time on the boot clock.</returns>
    TimeSpan? PermissionOf(LeaseId lease);
}

/// <summary>Until when a container may run.</summary>
/// <param name="Lease">Its lease.</param>
/// <param name="Runtime">The name of its runtime.</param>
/// <param name="Container">The container's id, or before it is known its name.</param>
/// <param name="ProcessId">Its main process on the host, once known.</param>
/// <param name="EndsAt">The end, on the boot clock.</param>
public sealed record ContainerPermission(LeaseId Lease, string Runtime, string Container, int? ProcessId, TimeSpan EndsAt);
