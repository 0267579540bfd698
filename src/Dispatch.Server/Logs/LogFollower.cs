using System.Runtime.CompilerServices;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Server.Jobs;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace Dispatch.Server.Logs;

/// <summary>A position in the output of a job: an attempt and the bytes of both streams that have been seen. Written as <c>2:120.33</c>.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Cursor">The bytes seen.</param>
internal readonly record struct LogPosition(int Attempt, LogCursor Cursor)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Attempt}:{Cursor}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out LogPosition position)
    {
        position = default;
        var at = text.IndexOf(':', StringComparison.Ordinal);
        if (at <= 0 || !int.TryParse(text.AsSpan(0, at), out var attempt) || attempt < 1 || !LogCursor.TryParse(text[(at + 1)..], out var cursor))
            return false;
        position = new(attempt, cursor);
        return true;
    }
}

/// <summary>A piece of output and the position after it.</summary>
internal sealed record FollowedPiece(LogPosition After, LogPiece Piece);

/// <summary>A job whose output is read.</summary>
internal sealed record FollowedJob(JobId Job, WorkflowHandle Handle, WorkflowExecutionDescription Found);

/// <summary>Reads the output of a job over all its attempts, in the order in which it was captured.</summary>
internal sealed class LogFollower(JobReader reader, ILogStore logs)
{
    /// <summary>How often it is looked whether a further attempt has begun: nothing tells that to a reader of the one before.</summary>
    private static readonly TimeSpan AttemptPoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks a job up; an unknown one is <c>JobNotFound</c>.</summary>
    /// <param name="job">The job.</param>
    /// <param name="token">Ends it.</param>
    /// <returns>What its output is read of.</returns>
    public async Task<FollowedJob> FindAsync(JobId job, CancellationToken token)
    {
        var (handle, found) = await reader.FindAsync(job, token).ConfigureAwait(false);
        return new(job, handle, found);
    }

    /// <summary>Yields output from a position on.</summary>
    /// <param name="followed">The job.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="onlyAttempt">The one attempt to show, or null for all.</param>
    /// <param name="follow">Whether to go on until the job has ended.</param>
    /// <param name="token">Ends it.</param>
    /// <returns>The pieces.</returns>
    public async IAsyncEnumerable<FollowedPiece> ReadAsync(FollowedJob followed, LogPosition from, int? onlyAttempt, bool follow, [EnumeratorCancellation] CancellationToken token)
    {
        var (job, handle, found) = followed;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(token);
        var closed = follow && found.Status == WorkflowExecutionStatus.Running ? JobHistory.CloseEventAsync(handle, wait: true, done.Token) : Task.CompletedTask;
        try
        {
            var at = from;
            while (true)
            {
                // Asked before the look at the store: what a job printed is there before the job is closed.
                var ended = closed.IsCompleted;
                var key = await AttemptAsync(job, found, at.Attempt, onlyAttempt, token).ConfigureAwait(false);
                if (key is null && ended)
                    break;
                if (key is null)
                {
                    await PauseAsync(closed, token).ConfigureAwait(false);
                    continue;
                }

                if (key.Attempt != at.Attempt)
                    at = new(key.Attempt, default);
                var over = ended ? Task.CompletedTask : Task.WhenAny(closed, LaterAttemptAsync(job, found, key.Attempt, done.Token));
                await foreach (var piece in AttemptPiecesAsync(key, at.Cursor, over, token).ConfigureAwait(false))
                {
                    at = at with { Cursor = at.Cursor.After(piece) };
                    yield return new(at, piece);
                }

                at = new(key.Attempt + 1, default);
                if (key.Attempt == onlyAttempt)
                    break;
            }
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<LogKey?> AttemptAsync(JobId job, WorkflowExecutionDescription found, int atLeast, int? only, CancellationToken token)
    {
        var conversation = JobHistory.Conversation(JobHistory.Operations(found.Memo), found.RunId);
        var kept = await logs.ListAsync(job, token).ConfigureAwait(false);
        return kept.Select(log => log.Key).Where(key => key.Conversation == conversation && key.Attempt >= atLeast && (only is null || key.Attempt == only)).MinBy(key => key.Attempt);
    }

    private async Task LaterAttemptAsync(JobId job, WorkflowExecutionDescription found, int than, CancellationToken token)
    {
        using var timer = new PeriodicTimer(AttemptPoll);
        while (await AttemptAsync(job, found, than + 1, null, token).ConfigureAwait(false) is null)
            await timer.WaitForNextTickAsync(token).ConfigureAwait(false);
    }

    /// <summary>The output of one attempt: until it is complete, or, once the attempt is over, as far as it was captured.</summary>
    private async IAsyncEnumerable<LogPiece> AttemptPiecesAsync(LogKey key, LogCursor from, Task over, [EnumeratorCancellation] CancellationToken token)
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
                if (over.IsCompleted && !next.IsCompleted && Reached(from, await logs.GetPositionsAsync(key, token).ConfigureAwait(false)))
                    yield break;
                if (!await next.ConfigureAwait(false))
                    yield break;
                next = null;
                from = from.After(pieces.Current);
                yield return pieces.Current;
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

    private static bool Reached(LogCursor cursor, LogPositions positions) => cursor.Stdout >= positions.Stdout.Length && cursor.Stderr >= positions.Stderr.Length;

    private static async Task PauseAsync(Task closed, CancellationToken token) =>
        await Task.WhenAny(closed, Task.Delay(AttemptPoll, token)).ConfigureAwait(false);
}
