namespace Dispatch.Logs;

/// <summary>Where logs are kept, and how much of them.</summary>
public sealed record LogStoreOptions
{
    /// <summary>The folder below which every attempt has one of its own; made where it is missing.</summary>
    public required string Root { get; init; }

    /// <summary>
    /// Whether other servers write below the root too, on this machine or on others; false. The file system must be one for all of them, with flock(2) that holds between
    /// them. Followers then look for what others wrote five times a second.
    /// </summary>
    public bool Shared { get; init; }

    /// <summary>
    /// The newest bytes of each stream that are surely kept; 100 MiB. Older ones are dropped an eighth of it at a time; offsets stay what they were,
    /// and reads say where they begin. At least 8.
    /// </summary>
    public long BytesPerStreamMax { get; init; } = 100L << 20;

    /// <summary>Entries of the index that are surely kept, over both streams; 2,000,000 (32 MB). Output older than them is dropped too. At least 8.</summary>
    public int EntriesMax { get; init; } = 2_000_000;

    /// <summary>How long a complete log is kept after its last byte; 7 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a log that was never completed is kept after its last byte; 30 days.</summary>
    public TimeSpan AbandonedRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>When what knew the jobs began anew: whoever wrote last before that is forgotten, and its log can be asked for no more. Null: no job is forgotten.</summary>
    public DateTimeOffset? ForgottenBefore { get; init; }

    /// <summary>How long the log of a forgotten job is kept after its last byte; 1 day.</summary>
    public TimeSpan ForgottenRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The most bytes that all logs may take on the disk when retention has been applied: of the complete and the forgotten ones the oldest go first. Null: no limit.</summary>
    public long? BytesMax { get; init; }

    /// <summary>How often retention is applied by the hosted sweeper; 1 hour.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Logs that nobody uses at the moment and whose files stay open; 128, with three files each.</summary>
    public int IdleLogsMax { get; init; } = 128;

    internal LogStoreOptions Validated()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Root, nameof(Root));
        ArgumentOutOfRangeException.ThrowIfLessThan(BytesPerStreamMax, 8, nameof(BytesPerStreamMax));
        ArgumentOutOfRangeException.ThrowIfLessThan(EntriesMax, 8, nameof(EntriesMax));
        ArgumentOutOfRangeException.ThrowIfLessThan(Retention, TimeSpan.Zero, nameof(Retention));
        ArgumentOutOfRangeException.ThrowIfLessThan(AbandonedRetention, TimeSpan.Zero, nameof(AbandonedRetention));
        ArgumentOutOfRangeException.ThrowIfLessThan(ForgottenRetention, TimeSpan.Zero, nameof(ForgottenRetention));
        ArgumentOutOfRangeException.ThrowIfNegative(BytesMax ?? 0, nameof(BytesMax));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SweepEvery, TimeSpan.Zero, nameof(SweepEvery));
        ArgumentOutOfRangeException.ThrowIfNegative(IdleLogsMax, nameof(IdleLogsMax));
        return this;
    }
}
