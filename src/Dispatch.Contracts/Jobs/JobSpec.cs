namespace Dispatch.Contracts.Jobs;

/// <summary>The immutable wish of a job, read strictly with every default filled in.</summary>
public sealed record JobSpec
{
    /// <summary>The image's reference; null where <see cref="Process"/> is given.</summary>
    public string? Image { get; init; }

    /// <summary>Replaces the image's entry point where not empty.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Arguments of the command; replace the image's where not empty.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>The argv of a plain process, instead of an image.</summary>
    public IReadOnlyList<string> Process { get; init; } = [];

    /// <summary>Environment, byte for byte.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the command starts; null is the image's own, or the job's work folder.</summary>
    public string? WorkingDir { get; init; }

    /// <summary>User name or number, optionally <c>:group</c>.</summary>
    public string? User { get; init; }

    /// <summary>Text on standard input, at most 64 KiB of UTF-8; null is end of file at once.</summary>
    public string? Stdin { get; init; }

    /// <summary>When the image is fetched.</summary>
    public PullPolicy PullPolicy { get; init; } = PullPolicy.IfNotPresent;

    /// <summary>What the job needs and may use.</summary>
    public Resources Resources { get; init; } = new();

    /// <summary>Network mode: <c>none</c>, <c>host</c>, <c>bridge</c>; null is the worker's default.</summary>
    public string? Network { get; init; }

    /// <summary>Whether the container's root file system is read-only.</summary>
    public bool ReadOnlyRoot { get; init; }

    /// <summary>Linux capabilities added to none.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Host folders the pool must admit.</summary>
    public IReadOnlyList<Mount> Mounts { get; init; } = [];

    /// <summary>Paths with a memory file system, and their size in bytes.</summary>
    public IReadOnlyDictionary<string, long> Tmpfs { get; init; } = new Dictionary<string, long>();

    /// <summary>The pool.</summary>
    public string Pool { get; init; } = "default";

    /// <summary>A pinned worker: the job waits for it and never spills.</summary>
    public string? Worker { get; init; }

    /// <summary>What a worker's labels must fulfil, all of them.</summary>
    public IReadOnlyList<LabelConstraint> Constraints { get; init; } = [];

    /// <summary>What a worker's labels should fulfil.</summary>
    public IReadOnlyList<LabelPreference> Preferences { get; init; } = [];

    /// <summary>0 (last) to 100 (first).</summary>
    public int Priority { get; init; } = 50;

    /// <summary>The deadlines.</summary>
    public Timeouts Timeouts { get; init; } = new();

    /// <summary>The retry budgets; a cause that is absent has its default (<see cref="RetryBudget.DefaultOf"/>).</summary>
    public IReadOnlyDictionary<RetryCause, RetryBudget> Retry { get; init; } = new Dictionary<RetryCause, RetryBudget>();

    /// <summary>Which exit codes are a success.</summary>
    public ExitRule Exit { get; init; } = new();

    /// <summary>Free labels, searchable.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>A display name, 1 to 256 characters.</summary>
    public string? Name { get; init; }

    /// <summary>The owner, searchable.</summary>
    public string? Owner { get; init; }

    /// <summary>Two specs are equal when their canonical forms are.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether both wish the same.</returns>
    public bool Equals(JobSpec? other) =>
        other is not null && (ReferenceEquals(this, other) || JobSpecWriter.Write(this).AsSpan().SequenceEqual(JobSpecWriter.Write(other)));

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(JobSpecWriter.Write(this));
        return hash.ToHashCode();
    }
}

/// <summary>What a job needs: counted by the router, enforced by the runtime.</summary>
public sealed record Resources
{
    /// <summary>Cores, more than 0.</summary>
    public decimal Cpu { get; init; } = 1;

    /// <summary>Bytes.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>Whole devices.</summary>
    public int Gpu { get; init; }

    /// <summary>Bytes of disk counted by the router; null is not counted.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Most processes and threads.</summary>
    public int Pids { get; init; } = 512;

    /// <summary>Custom units the workers declare.</summary>
    public IReadOnlyDictionary<string, decimal> Units { get; init; } = new Dictionary<string, decimal>();

    /// <summary>Equal when every amount is, whatever the order of the units.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether both need the same.</returns>
    public bool Equals(Resources? other) =>
        other is not null
        && (Cpu, MemoryBytes, Gpu, DiskBytes, Pids, Units.Count) == (other.Cpu, other.MemoryBytes, other.Gpu, other.DiskBytes, other.Pids, other.Units.Count)
        && Units.All(unit => other.Units.TryGetValue(unit.Key, out var amount) && amount == unit.Value);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Cpu, MemoryBytes, Gpu, DiskBytes, Pids, Units.Count);
}

/// <summary>A host folder in the container.</summary>
/// <param name="Source">Absolute path on the host.</param>
/// <param name="Target">Absolute path in the container.</param>
/// <param name="ReadOnly">Whether it may only be read.</param>
public sealed record Mount(string Source, string Target, bool ReadOnly);

/// <summary>Which exit codes are a success, and what the others are.</summary>
public sealed record ExitRule
{
    /// <summary>The codes that are a success.</summary>
    public IReadOnlyList<int> Success { get; init; } = [0];

    /// <summary>True (<c>nonZero: data</c>): any other code completes the job with the code as data; false: it fails.</summary>
    public bool NonZeroIsData { get; init; }
}

/// <summary>The deadlines of a job.</summary>
public sealed record Timeouts
{
    /// <summary>From submission to the first worker selected; stands still while paused.</summary>
    public TimeSpan Queue { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a worker may take to receive; null is the pool's profile, which may only be shortened.</summary>
    public TimeSpan? Receipt { get; init; }

    /// <summary>Pull and init together.</summary>
    public TimeSpan Init { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>From the start of the container, pull and init not counted.</summary>
    public TimeSpan Run { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The whole job from submission; null is none.</summary>
    public TimeSpan? Total { get; init; }

    /// <summary>From SIGTERM to SIGKILL.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);
}
