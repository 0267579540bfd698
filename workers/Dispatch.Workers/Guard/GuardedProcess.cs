using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>One process that the guard started. Fields are changed under the lock of <see cref="ChildTable"/>.</summary>
internal sealed class GuardedProcess
{
    private readonly TaskCompletionSource<ExitReport> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal GuardedProcess(string name, GuardedPlace place, GuardStart start)
    {
        Name = name;
        Place = place;
        Start = start;
    }

    internal string Name { get; }

    internal GuardedPlace Place { get; }

    /// <summary>The attempt's own folder, where the permission is.</summary>
    internal string AttemptDirectory => Path.GetDirectoryName(Place.Folder)!;

    internal GuardStart Start { get; }

    internal OutputPipe? Stdout { get; init; }

    internal OutputPipe? Stderr { get; init; }

    internal AttemptCgroup? Cgroup { get; init; }

    /// <summary>How the main process ended; what it left behind may still run.</summary>
    internal ChildEnd? MainEnd { get; set; }

    internal DateTimeOffset FinishedAt { get; set; }

    /// <summary>Completes when nothing runs any more and the report is on disk.</summary>
    internal Task<ExitReport> Ended => _ended.Task;

    internal ExitReport? Report => _ended.Task.IsCompletedSuccessfully ? _ended.Task.Result : null;

    internal GuardEntry Entry => new(Name, Place, Start, Report);

    internal void SetEnded(ExitReport report) => _ended.TrySetResult(report);
}
