using System.Collections.Concurrent;
using System.Text;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Logs;

namespace Dispatch.Workers.Tests.Fakes;

/// <summary>A log store in memory that takes bytes by offset.</summary>
internal sealed class FakeLogIntake : ILogIntake
{
    private readonly ConcurrentDictionary<(LogKey Key, OutputStream Stream), MemoryStream> streams = new();

    internal bool Away { get; set; }

    internal ConcurrentDictionary<LogKey, bool> Complete { get; } = new();

    internal int Appends { get; private set; }

    /// <summary>Loses the answer of every nth append, which was carried out.</summary>
    internal int LoseEvery { get; set; }

    public Task<LogPositions> GetPositionsAsync(LogKey key, CancellationToken cancellationToken)
    {
        Check();
        return Task.FromResult(Positions(key));
    }

    public Task<LogAppended> AppendAsync(LogKey key, IReadOnlyList<LogPiece> pieces, CancellationToken cancellationToken)
    {
        Check();
        lock (streams)
        {
            foreach (var piece in pieces)
            {
                var stream = Of(key, piece.Stream);
                if (piece.Offset > stream.Length)
                {
                    return Task.FromResult(new LogAppended(Positions(key), Gap: true));
                }

                var known = (int)Math.Min(stream.Length - piece.Offset, piece.Bytes.Length);
                stream.Write(piece.Bytes.Span[known..]);
            }

            Appends++;
        }

        return LoseEvery > 0 && Appends % LoseEvery == 0
            ? throw new DispatchException(ErrorCode.RegistryUnavailable, "The answer was lost.")
            : Task.FromResult(new LogAppended(Positions(key), Gap: false));
    }

    public Task CompleteAsync(LogKey key, CancellationToken cancellationToken)
    {
        Check();
        Complete[key] = true;
        return Task.CompletedTask;
    }

    internal string Text(LogKey key, OutputStream stream = OutputStream.Stdout)
    {
        lock (streams)
        {
            return Encoding.UTF8.GetString(Of(key, stream).ToArray());
        }
    }

    private LogPositions Positions(LogKey key) => new(new(0, Of(key, OutputStream.Stdout).Length), new(0, Of(key, OutputStream.Stderr).Length), Complete.ContainsKey(key));

    private MemoryStream Of(LogKey key, OutputStream stream) => streams.GetOrAdd((key, stream), _ => new());

    private void Check()
    {
        if (Away)
        {
            throw new DispatchException(ErrorCode.RegistryUnavailable, "The log store is away.");
        }
    }
}
