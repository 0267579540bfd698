using System.Runtime.CompilerServices;
using Dispatch.Contracts.Logs;

namespace Dispatch.Server.Logs;

/// <summary>Reads the output of one attempt to its end, as far as it comes.</summary>
/// <param name="logs">Where it is kept.</param>
/// <param name="time">The clock of waiting.</param>
internal sealed class AttemptOutput(ILogStore logs, TimeProvider time)
{
    /// <summary>
    /// How long a follower waits for the next byte that the worker of an ended attempt still has; 30 s. A worker that could not ship tries again every few seconds, so
    /// this is for a server that is just back.
    /// </summary>
    public static readonly TimeSpan LateWithin = TimeSpan.FromSeconds(30);

    /// <summary>Yields output from a cursor on: until it is complete, or, once the attempt is over, as far as it was captured or is promised.</summary>
    /// <param name="key">The attempt.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="over">Ends when the attempt is over, with what is then promised.</param>
    /// <param name="late">How long to wait for each next byte that is promised and has not come.</param>
    /// <param name="token">Ends it.</param>
    /// <returns>Pieces; as the last what is missing, where something is.</returns>
    public async IAsyncEnumerable<Followed> ReadAsync(LogKey key, LogCursor from, Task<OutputPromise> over, TimeSpan late, [EnumeratorCancellation] CancellationToken token)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(token);
        var pieces = logs.FollowAsync(key, from, enough.Token).GetAsyncEnumerator(enough.Token);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next ??= pieces.MoveNextAsync().AsTask();
                if (!next.IsCompleted && !over.IsCompleted)
                    await Task.WhenAny(next, over).ConfigureAwait(false);
                if (!next.IsCompleted && await logs.GetPositionsAsync(key, token).ConfigureAwait(false) is var there && Reached(from, there))
                {
                    var promise = await over.ConfigureAwait(false);
                    if (there.Complete || IsKept(promise, from))
                        yield break;
                    if (!await ComesAsync(next, late, token).ConfigureAwait(false))
                    {
                        yield return new Followed.Missing(key.Attempt, Text(key.Attempt, from, promise));
                        yield break;
                    }
                }

                if (!await next.ConfigureAwait(false))
                    yield break;
                next = null;
                from = from.After(pieces.Current);
                yield return new Followed.Output(new(key.Attempt, from), pieces.Current);
            }
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            if (next is not null)
                await Task.WhenAny(next).ConfigureAwait(false);
            await pieces.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Whether what was read is all that is promised.</summary>
    private static bool IsKept(OutputPromise promise, LogCursor read) =>
        !promise.More || (promise.Total is { } total && read.Stdout >= total.StdoutBytes && read.Stderr >= total.StderrBytes);

    private static bool Reached(LogCursor cursor, LogPositions positions) => cursor.Stdout >= positions.Stdout.Length && cursor.Stderr >= positions.Stderr.Length;

    private static string Text(int attempt, LogCursor read, OutputPromise promise) => promise.Total is { } total
        ? $"{Math.Max(0, total.StdoutBytes - read.Stdout)} bytes of standard output and {Math.Max(0, total.StderrBytes - read.Stderr)} of standard error of attempt {attempt} have not come from its worker, or are not kept any more"
        : $"attempt {attempt} may have printed more: its worker has not said that this is all";

    private async Task<bool> ComesAsync(Task<bool> next, TimeSpan within, CancellationToken token)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(token);
        await Task.WhenAny(next, Task.Delay(within, time, done.Token)).ConfigureAwait(false);
        await done.CancelAsync().ConfigureAwait(false);
        token.ThrowIfCancellationRequested();
        return next.IsCompleted;
    }
}
