using System.Collections.Immutable;
using Dispatch.Contracts.Logs;

namespace Dispatch.Logs.Files;

/// <summary>Makes the state of a log from its folder, after whatever end the last writer met.</summary>
/// <remarks>
/// The bytes are the truth. Bytes behind the index (a write was torn before its entries) stay: the same offsets always hold the same bytes; they get
/// entries with the file's time. Entries behind the bytes, or broken ones, are cut off. Where something is missing in the middle, what is older goes.
/// </remarks>
internal static class LogRecovery
{
    /// <summary>Reads a folder and mends it.</summary>
    /// <param name="folder">The log's folder, which is there.</param>
    /// <param name="covered">How far the index covers the bytes.</param>
    /// <param name="mended">Entries to append from there so that it covers all.</param>
    public static LogState Open(string folder, out LogCursor covered, out IReadOnlyList<IndexEntry> mended)
    {
        var stdout = OpenStream(folder, OutputStream.Stdout, out var stdoutTime);
        var stderr = OpenStream(folder, OutputStream.Stderr, out var stderrTime);
        var index = OpenIndex(folder, new(stdout.Length, stderr.Length), out covered);
        if (index.IsEmpty)
            covered = new(stdout.First, stderr.First);

        var surplus = new List<IndexEntry>();
        AddSurplus(surplus, OutputStream.Stdout, covered.Stdout, stdout.Length, stdoutTime);
        AddSurplus(surplus, OutputStream.Stderr, covered.Stderr, stderr.Length, stderrTime);
        mended = surplus;
        return new(stdout, stderr, index, LogFolders.CompletedAt(folder) is not null);
    }

    private static StreamSegments OpenStream(string folder, OutputStream stream, out DateTimeOffset lastWrite)
    {
        lastWrite = DateTimeOffset.UnixEpoch;
        var files = Directory.EnumerateFiles(folder, SegmentFiles.PatternOf(stream))
            .Select(path => (path, start: SegmentFiles.NumberIn(path)))
            .Where(file => file.start is not null)
            .Select(file => (file.path, start: file.start!.Value, info: new FileInfo(file.path)))
            .OrderBy(file => file.start)
            .ToList();
        if (files.Count == 0)
            return new([], 0);

        // A file that ends before the next begins has lost its end: nothing up to there can be given in order.
        var firstKept = 0;
        for (var i = 0; i + 1 < files.Count; i++)
        {
            if (files[i].start + files[i].info.Length < files[i + 1].start)
                firstKept = i + 1;
        }

        foreach (var file in files.Take(firstKept))
            File.Delete(file.path);
        var last = files[^1];
        lastWrite = last.info.LastWriteTimeUtc;
        return new([.. files.Skip(firstKept).Select(file => file.start)], last.start + last.info.Length);
    }

    private static ImmutableArray<IndexSegment> OpenIndex(string folder, LogCursor lengths, out LogCursor covered)
    {
        covered = default;
        var kept = ImmutableArray.CreateBuilder<IndexSegment>();
        var numbers = Directory.EnumerateFiles(folder, SegmentFiles.IndexPattern).Select(SegmentFiles.NumberIn).OfType<long>().Order().ToList();
        foreach (var number in numbers)
        {
            var path = SegmentFiles.IndexPath(folder, (int)number);
            if (ReadSegment(path, (int)number, lengths, out var end) is not { } segment)
            {
                File.Delete(path);
                continue;
            }

            // A break before this file: what is older cannot be put in order with it.
            if (kept.Count > 0 && segment.Start != covered)
            {
                foreach (var older in kept)
                    File.Delete(SegmentFiles.IndexPath(folder, older.Number));
                kept.Clear();
            }

            kept.Add(segment);
            covered = end;
        }

        return kept.ToImmutable();
    }

    /// <summary>Reads one file of the index up to its first entry that is broken or has no bytes; cuts the file there.</summary>
    private static IndexSegment? ReadSegment(string path, int number, LogCursor lengths, out LogCursor end)
    {
        end = default;
        using var file = SegmentFiles.OpenToWrite(path);
        var bytes = new byte[RandomAccess.GetLength(file)];
        var length = SegmentFiles.ReadFully(file, bytes, 0);
        if (!SegmentFiles.TryReadHeader(bytes.AsSpan(0, length), out var start) || start.Stdout > lengths.Stdout || start.Stderr > lengths.Stderr)
            return null;

        var entries = 0;
        var position = start;
        var at = SegmentFiles.IndexHeaderSize;
        while (IndexEntry.TryRead(bytes.AsSpan(at, length - at), out var entry))
        {
            var next = position.Plus(entry.Stream, entry.Length);
            if (next.Stdout > lengths.Stdout || next.Stderr > lengths.Stderr)
                break;
            position = next;
            entries++;
            at += IndexEntry.Size;
        }

        if (RandomAccess.GetLength(file) != at)
            RandomAccess.SetLength(file, at);
        end = position;
        return new(number, start, entries);
    }

    private static void AddSurplus(List<IndexEntry> surplus, OutputStream stream, long covered, long length, DateTimeOffset time)
    {
        for (var from = covered; from < length; from += LogPiece.BytesMax)
            surplus.Add(new(stream, (int)Math.Min(LogPiece.BytesMax, length - from), time));
    }
}
