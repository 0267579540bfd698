using System.Globalization;
using System.Text.Json;

namespace Dispatch.Runtimes.Process;

/// <summary>How a process ended, as the guard writes it: a line of JSON, the last one of its record of the start.</summary>
internal sealed record ExitReport
{
    /// <summary>True when nobody saw its end: the guard itself had died, or the machine. The numbers mean nothing then.</summary>
    internal bool Lost { get; init; }

    /// <summary>The exit code, 0…255; 128 + n where signal n ended it.</summary>
    internal int Code { get; init; }

    internal int? Signal { get; init; }

    internal bool OutOfMemory { get; init; }

    internal required DateTimeOffset StartedAt { get; init; }

    internal required DateTimeOffset FinishedAt { get; init; }

    internal double? CpuSeconds { get; init; }

    internal long? PeakMemoryBytes { get; init; }

    /// <summary>Output bytes that could not be kept because the disk refused them.</summary>
    internal long OutputBytesLost { get; init; }

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

    internal byte[] ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteBoolean("lost", Lost);
            json.WriteNumber("code", Code);
            Optional(json, "signal", Signal);
            json.WriteBoolean("outOfMemory", OutOfMemory);
            json.WriteString("startedAt", StartedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("finishedAt", FinishedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            Optional(json, "cpuSeconds", CpuSeconds);
            Optional(json, "peakMemoryBytes", PeakMemoryBytes);
            json.WriteNumber("outputBytesLost", OutputBytesLost);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads the report at the end of a guard's record; null where there is none or it is torn.</summary>
    internal static ExitReport? FromFile(string path)
    {
        // Asked of each process that has just started: an exception would cost more than all the rest.
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var record = File.ReadAllBytes(path).AsMemory();
            var start = record.Span.LastIndexOf("\n{"u8) + 1;
            if (start == 0)
            {
                return null;
            }

            using var document = JsonDocument.Parse(record[start..]);
            var root = document.RootElement;
            return new ExitReport
            {
                Lost = root.GetProperty("lost").GetBoolean(),
                Code = root.GetProperty("code").GetInt32(),
                Signal = Present(root, "signal")?.GetInt32(),
                OutOfMemory = root.GetProperty("outOfMemory").GetBoolean(),
                StartedAt = root.GetProperty("startedAt").GetDateTimeOffset(),
                FinishedAt = root.GetProperty("finishedAt").GetDateTimeOffset(),
                CpuSeconds = Present(root, "cpuSeconds")?.GetDouble(),
                PeakMemoryBytes = Present(root, "peakMemoryBytes")?.GetInt64(),
                OutputBytesLost = root.GetProperty("outputBytesLost").GetInt64(),
            };
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or JsonException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    private static void Optional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static JsonElement? Present(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value : null;
}
