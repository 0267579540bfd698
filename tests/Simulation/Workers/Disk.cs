using Dispatch.Contracts.Ids;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Keeper;

namespace Dispatch.Simulation.Workers;

/// <summary>A worker's data directory. What is written through survives a power cut; what is not survives the process alone.</summary>
internal sealed class Disk
{
    public SortedDictionary<string, DiskAttempt> Attempts { get; } = new(StringComparer.Ordinal);

    public long Incarnation { get; set; }

    /// <summary>How long a write that goes through takes.</summary>
    public double SlowSeconds { get; set; }

    /// <summary>Whether it is full: it takes nothing new, and deletes what it is told to.</summary>
    public bool Refuses { get; set; }

    public void LosePower()
    {
        foreach (var attempt in Attempts.Values) attempt.Notes = attempt.DurableNotes;
    }
}

/// <summary>The files of one attempt.</summary>
internal sealed class DiskAttempt
{
    public required AttemptIntent Intent { get; init; }

    public required ActivityToken Token { get; set; }

    public AttemptNotes? Notes { get; set; }

    public AttemptNotes? DurableNotes { get; set; }

    public AttemptReport? Report { get; set; }

    public PermissionEntry? Permission { get; set; }

    public LeaseId Lease => Intent.Input.Lease;
}

/// <summary>The permission file.</summary>
internal sealed record PermissionEntry(TimeSpan EndsAt, string BootId, string Container, bool KnowsProcess);
