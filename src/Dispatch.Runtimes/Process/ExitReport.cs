namespace Dispatch.Runtimes.Process;

/// <summary>How a process ended, as the guard saw it.</summary>
internal sealed record ExitReport
{
    /// <summary>True when nobody saw its end: the guard itself had died, or the machine. The numbers mean nothing then.</summary>
    public bool Lost { get; init; }

    /// <summary>The exit code, 0…255; 128 + n where signal n ended it.</summary>
    public int Code { get; init; }

    public int? Signal { get; init; }

    public bool OutOfMemory { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    public double? CpuSeconds { get; init; }

    public long? PeakMemoryBytes { get; init; }

    /// <summary>Output bytes that could not be kept because the disk refused them.</summary>
    public long OutputBytesLost { get; init; }

    internal ContainerExit ToExit() => new(Code, Signal, OutOfMemory, StartedAt, FinishedAt, CpuSeconds, PeakMemoryBytes) { OutputBytesLost = OutputBytesLost };

    internal FrameWriter Write(FrameWriter frame) => frame
        .Bool(Lost).Int(Code).Int(Signal ?? -1).Bool(OutOfMemory).Long(StartedAt.UtcTicks).Long(FinishedAt.UtcTicks)
        .Double(CpuSeconds ?? -1).Long(PeakMemoryBytes ?? -1).Long(OutputBytesLost);

    internal static ExitReport Read(FrameReader frame)
    {
        var (lost, code, signal, oom) = (frame.Bool(), frame.Int(), frame.Int(), frame.Bool());
        var (started, finished, cpu, peak) = (frame.Long(), frame.Long(), frame.Double(), frame.Long());
        return new ExitReport
        {
            Lost = lost,
            Code = code,
            Signal = signal < 0 ? null : signal,
            OutOfMemory = oom,
            StartedAt = new DateTimeOffset(started, TimeSpan.Zero),
            FinishedAt = new DateTimeOffset(finished, TimeSpan.Zero),
            CpuSeconds = cpu < 0 ? null : cpu,
            PeakMemoryBytes = peak < 0 ? null : peak,
            OutputBytesLost = frame.Long(),
        };
    }
}
