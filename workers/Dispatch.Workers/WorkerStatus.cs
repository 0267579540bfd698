using Dispatch.Contracts.Workers;

namespace Dispatch.Workers;

/// <summary>The worker's own state, with what is missing to readiness. Written by the service, read by renewals and health checks.</summary>
public sealed class WorkerStatus
{
    private readonly Lock sync = new();
    private readonly SortedDictionary<string, string> unmet = [];
    private bool started;
    private bool draining;
    private bool stopped;
    private long incarnation;

    /// <summary>The state in force.</summary>
    public WorkerState State
    {
        get
        {
            lock (sync)
            {
                return stopped ? WorkerState.Stopped
                    : draining ? WorkerState.Draining
                    : !started ? WorkerState.Starting
                    : unmet.Count > 0 ? WorkerState.NotReady
                    : WorkerState.Ready;
            }
        }
    }

    /// <summary>What is missing, one sentence each.</summary>
    public IReadOnlyList<string> Unmet
    {
        get
        {
            lock (sync)
            {
                return [.. unmet.Values];
            }
        }
    }

    /// <summary>The incarnation, 0 before the first registration.</summary>
    public long Incarnation => Volatile.Read(ref incarnation);

    /// <summary>Names of the runtimes that answered at start.</summary>
    public IReadOnlyList<string> Runtimes { get; internal set; } = [];

    /// <summary>The runtimes for people, by name, where a runtime says more of itself than its name.</summary>
    public IReadOnlyDictionary<string, string> RuntimeProducts { get; internal set; } = new Dictionary<string, string>();

    /// <summary>What the runtimes that answered lack on this host, by name; one sentence each.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> RuntimeRemarks { get; internal set; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Why runtimes are not used, by name.</summary>
    public IReadOnlyDictionary<string, string> MissingRuntimes { get; internal set; } = new Dictionary<string, string>();

    /// <summary>Raised when the state may have changed.</summary>
    public event Action? Changed;

    internal bool IsDraining
    {
        get
        {
            lock (sync)
            {
                return draining || stopped;
            }
        }
    }

    internal void Registered(long given)
    {
        Volatile.Write(ref incarnation, given);
        Change(() => started = true);
    }

    internal void Drain(bool wanted) => Change(() => draining = wanted);

    internal void Stop() => Change(() => stopped = true);

    /// <summary>Says whether a condition of readiness holds.</summary>
    internal void Condition(string name, string? missing) => Change(() =>
    {
        if (missing is null)
        {
            unmet.Remove(name);
        }
        else
        {
            unmet[name] = missing;
        }
    });

    private void Change(Action change)
    {
        WorkerState before, after;
        lock (sync)
        {
            before = State;
            change();
            after = State;
        }

        if (before != after)
        {
            Changed?.Invoke();
        }
    }
}
