namespace Dispatch.Runtimes.Process;

/// <summary>What the guard says of itself.</summary>
/// <param name="Protocol">The version of the frames.</param>
/// <param name="ProcessId">Its process id.</param>
/// <param name="Limits">What it enforces, for people.</param>
internal sealed record GuardHello(int Protocol, int ProcessId, string Limits);

/// <summary>A process to be started by the guard; everything is resolved, nothing is looked up.</summary>
internal sealed record GuardSpawn
{
    internal required string Name { get; init; }

    internal required GuardedPlace Place { get; init; }

    internal required string Program { get; init; }

    internal required IReadOnlyList<string> Arguments { get; init; }

    internal required IReadOnlyList<string> Environment { get; init; }

    internal required string WorkingDirectory { get; init; }

    /// <summary>User, group and further groups as numbers; empty is the guard's own.</summary>
    internal IReadOnlyList<string> Identity { get; init; } = [];

    internal required long MemoryBytes { get; init; }

    internal required int PidsMax { get; init; }

    internal required double CpuCores { get; init; }

    internal FrameWriter Write(FrameWriter frame) => Place.Write(frame.Text(Name))
        .Text(Program).Texts(Arguments).Texts(Environment).Text(WorkingDirectory).Texts(Identity).Long(MemoryBytes).Int(PidsMax).Double(CpuCores);

    internal static GuardSpawn Read(FrameReader frame) => new()
    {
        Name = frame.Text(),
        Place = GuardedPlace.Read(frame),
        Program = frame.Text(),
        Arguments = frame.Texts(),
        Environment = frame.Texts(),
        WorkingDirectory = frame.Text(),
        Identity = frame.Texts(),
        MemoryBytes = frame.Long(),
        PidsMax = frame.Int(),
        CpuCores = frame.Double(),
    };
}

/// <summary>Where a process belongs.</summary>
/// <param name="Folder">The folder of <see cref="ProcessLayout"/> for its attempt.</param>
/// <param name="Labels">What it is labelled with.</param>
internal sealed record GuardedPlace(string Folder, IReadOnlyDictionary<string, string> Labels)
{
    internal FrameWriter Write(FrameWriter frame) => frame.Text(Folder).Texts([.. Labels.SelectMany(label => (string[])[label.Key, label.Value])]);

    internal static GuardedPlace Read(FrameReader frame) => new(frame.Text(), frame.Texts().Chunk(2).ToDictionary(label => label[0], label => label[1]));
}

/// <summary>A process that was started.</summary>
/// <param name="ProcessId">Its id.</param>
/// <param name="StartTicks">Its start time, by which it is told from a later one of the same number.</param>
/// <param name="StartedAt">When, UTC.</param>
/// <param name="Now">Whether this call started it; else an earlier one did.</param>
internal sealed record GuardStart(int ProcessId, long StartTicks, DateTimeOffset StartedAt, bool Now)
{
    internal FrameWriter Write(FrameWriter frame) => frame.Int(ProcessId).Long(StartTicks).Long(StartedAt.UtcTicks).Bool(Now);

    internal static GuardStart Read(FrameReader frame) => new(frame.Int(), frame.Long(), new DateTimeOffset(frame.Long(), TimeSpan.Zero), frame.Bool());
}

/// <summary>One process that the guard knows.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">Where it belongs.</param>
/// <param name="Start">How it started.</param>
/// <param name="Report">How it ended, once it and all it left have.</param>
internal sealed record GuardEntry(string Name, GuardedPlace Place, GuardStart Start, ExitReport? Report)
{
    internal FrameWriter Write(FrameWriter frame)
    {
        Start.Write(Place.Write(frame.Text(Name))).Bool(Report is not null);
        return Report?.Write(frame) ?? frame;
    }

    internal static GuardEntry Read(FrameReader frame) => new(frame.Text(), GuardedPlace.Read(frame), GuardStart.Read(frame), frame.Bool() ? ExitReport.Read(frame) : null);
}
