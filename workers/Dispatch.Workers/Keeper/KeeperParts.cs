using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Runtimes;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Registry;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Keeper;

/// <summary>What the keeper works with.</summary>
internal sealed record KeeperParts
{
    internal required WorkerId Worker { get; init; }

    internal required WorkerFolder Folder { get; init; }

    internal required IReadOnlyDictionary<string, IContainerRuntime> Runtimes { get; init; }

    internal required IWorkerGuard Guard { get; init; }

    internal required RegistryCalls Registry { get; init; }

    internal required IActivityReporter Reporter { get; init; }

    internal required ILogIntake Logs { get; init; }

    internal required TimeProvider Clock { get; init; }

    internal required ILogger Logger { get; init; }

    internal required long CaptureBytesMax { get; init; }

    /// <summary>Called when the worker's disk has refused something.</summary>
    internal Action DiskRefused { get; init; } = () => { };

    /// <summary>Called when a runtime, by name, has started an attempt, or could not through no fault of the job, and why.</summary>
    internal Action<string, string?> RuntimeTried { get; init; } = (_, _) => { };
}
