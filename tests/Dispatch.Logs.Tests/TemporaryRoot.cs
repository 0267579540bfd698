using System.Text;
using Dispatch.Contracts.Logs;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Logs.Tests;

/// <summary>A root of its own for one test, and stores on it, one after the other.</summary>
internal sealed class TemporaryRoot : IDisposable
{
    public static readonly LogKey Key = new(new("job/1 ../ż"), new("3f2a8f8e-0c55-4f0e-9a37-6a2f7f0c1b11"), 1);
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private LogStore? _store;

    public string Path { get; } = Directory.CreateTempSubdirectory("dispatch-logs-").FullName;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public LogStore Open(Func<LogStoreOptions, LogStoreOptions>? change = null)
    {
        _store?.Dispose();
        var options = new LogStoreOptions { Root = Path };
        return _store = new LogStore(change?.Invoke(options) ?? options, Time);
    }

    /// <summary>The one folder with an attempt's files.</summary>
    public string Folder => Directory.EnumerateDirectories(Path, "attempt-*", SearchOption.AllDirectories).Single();

    public static LogPiece Out(long offset, string text, int second = 0) => new(OutputStream.Stdout, offset, Start.AddSeconds(second), Encoding.UTF8.GetBytes(text));

    public static LogPiece Err(long offset, string text, int second = 0) => new(OutputStream.Stderr, offset, Start.AddSeconds(second), Encoding.UTF8.GetBytes(text));

    public static async Task<byte[]> ReadAllAsync(LogStore store, OutputStream stream, LogKey? key = null, long offset = 0)
    {
        var all = new MemoryStream();
        while (true)
        {
            var slice = await store.ReadAsync(key ?? Key, stream, offset, 7_000, default);
            if (slice.Bytes.IsEmpty)
                return all.ToArray();
            all.Write(slice.Bytes.Span);
            offset = slice.Offset + slice.Bytes.Length;
        }
    }

    public static async Task<string> ReadTextAsync(LogStore store, OutputStream stream) => Encoding.UTF8.GetString(await ReadAllAsync(store, stream));

    public static async Task<List<LogPiece>> FollowToEndAsync(LogStore store, LogCursor from = default, LogKey? key = null)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var pieces = new List<LogPiece>();
        await foreach (var piece in store.FollowAsync(key ?? Key, from, deadline.Token))
            pieces.Add(piece);
        return pieces;
    }

    public static byte[] Joined(IEnumerable<LogPiece> pieces, OutputStream stream) => [.. pieces.Where(piece => piece.Stream == stream).SelectMany(piece => piece.Bytes.ToArray())];

    public void Dispose()
    {
        _store?.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
