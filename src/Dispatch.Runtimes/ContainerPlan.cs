namespace Dispatch.Runtimes;

/// <summary>All that a container is to be; made from the job spec by the worker, with every default filled in.</summary>
public sealed record ContainerPlan
{
    /// <summary>Unique name: from job, conversation and attempt.</summary>
    public required string Name { get; init; }

    /// <summary>The labels of <see cref="ContainerLabels"/>.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The image's reference; null for a plain process.</summary>
    public string? Image { get; init; }

    /// <summary>Digest of the image that was pulled; that one is run.</summary>
    public string? ImageDigest { get; init; }

    /// <summary>The command: replaces the image's entry point where not empty; the whole argv of a plain process.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Arguments after the command; replace the image's.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The whole environment that the plan adds to the image's (containers), or all there is (processes).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the command starts; null is the image's, or for a process its own work folder.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Name or number, optionally <c>:group</c>; null is the image's or the worker's own.</summary>
    public string? User { get; init; }

    /// <summary>Bytes on standard input, closed after the last; empty is end of file at once.</summary>
    public ReadOnlyMemory<byte> Stdin { get; init; }

    /// <summary>CPU limit in cores.</summary>
    public double CpuCores { get; init; } = 1;

    /// <summary>Memory limit in bytes, swap included (no swap beyond it).</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>Most processes and threads at once.</summary>
    public int PidsMax { get; init; } = 512;

    /// <summary>Network mode: <c>none</c>, <c>host</c> or <c>bridge</c>; null is the runtime's default.</summary>
    public string? Network { get; init; }

    /// <summary>Whether the root file system is read-only.</summary>
    public bool ReadOnlyRoot { get; init; }

    /// <summary>Capabilities added to the secure default.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Host folders brought in, already admitted.</summary>
    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>Paths with a memory file system, with the size in bytes.</summary>
    public IReadOnlyDictionary<string, long> Tmpfs { get; init; } = new Dictionary<string, long>();

    /// <summary>The attempt's own folder on the host: work folder, TMPDIR and outcome file of a process live below it.</summary>
    public required string AttemptDirectory { get; init; }
}

/// <summary>A host folder in a container.</summary>
/// <param name="Source">Absolute path on the host.</param>
/// <param name="Target">Absolute path in the container.</param>
/// <param name="ReadOnly">Whether it may only be read.</param>
public sealed record ContainerMount(string Source, string Target, bool ReadOnly);
