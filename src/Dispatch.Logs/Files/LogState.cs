using System.Collections.Immutable;
using Dispatch.Contracts.Logs;

namespace Dispatch.Logs.Files;

/// <summary>All that readers need to know of a log: made by its one writer, never changed, swapped as a whole.</summary>
/// <param name="Stdout">Standard output's segments.</param>
/// <param name="Stderr">Standard error's segments.</param>
/// <param name="Index">The index's segments, oldest first.</param>
/// <param name="Complete">Whether nothing more is expected.</param>
internal sealed record LogState(StreamSegments Stdout, StreamSegments Stderr, ImmutableArray<IndexSegment> Index, bool Complete)
{
    public static LogState Empty { get; } = new(new([], 0), new([], 0), [], false);

    public LogPositions Positions => new(ExtentOf(OutputStream.Stdout), ExtentOf(OutputStream.Stderr), Complete);

    public StreamSegments Of(OutputStream stream) => stream == OutputStream.Stdout ? Stdout : Stderr;

    public LogState With(OutputStream stream, StreamSegments segments) =>
        stream == OutputStream.Stdout ? this with { Stdout = segments } : this with { Stderr = segments };

    /// <summary>What is kept: only output that both the bytes and the index still have.</summary>
    public LogExtent ExtentOf(OutputStream stream)
    {
        var segments = Of(stream);
        var indexed = Index.IsEmpty ? segments.Length : Index[0].Start.Of(stream);
        return new(Math.Max(segments.First, indexed), segments.Length);
    }
}

/// <summary>The files of one stream: each begins at its start and ends where the next begins.</summary>
/// <param name="Starts">Offsets of the files' first bytes, oldest first.</param>
/// <param name="Length">Bytes of the whole stream.</param>
internal sealed record StreamSegments(ImmutableArray<long> Starts, long Length)
{
    public long First => Starts.IsEmpty ? Length : Starts[0];

    /// <summary>Where the segment at an index ends.</summary>
    public long EndOf(int index) => index + 1 < Starts.Length ? Starts[index + 1] : Length;

    /// <summary>The segment that holds an offset; the offset is kept.</summary>
    public int Containing(long offset)
    {
        var index = Starts.BinarySearch(offset);
        return index >= 0 ? index : ~index - 1;
    }
}

/// <summary>One file of the index.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Start">The streams' lengths before its first entry.</param>
/// <param name="Entries">Its whole entries.</param>
internal readonly record struct IndexSegment(int Number, LogCursor Start, int Entries);
