using System.Runtime.CompilerServices;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Server.Jobs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Server.Logs;

/// <summary>Reads the output of a job over all its attempts, in the order in which it was captured.</summary>
internal sealed class LogFollower(JobReader reader, ILogStore logs, TimeProvider time)
{
    /// <summary>How often it is looked whether a further attempt has begun: nothing tells that to a reader of the one before.</summary>
    private static readonly TimeSpan AttemptPoll = TimeSpan.FromMilliseconds(250);

    private readonly AttemptOutput output = new(logs, time);

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
    /// <param name="follow">Whether to go on until the job has ended, and for what its workers have yet to ship then, within <see cref="AttemptOutput.LateWithin"/>.</param>
    /// <param name="token">Ends it.</param>
    /// <returns>The pieces, and what is missing behind those of an attempt.</returns>
    public async IAsyncEnumerable<Followed> ReadAsync(FollowedJob followed, LogPosition from, int? onlyAttempt, bool follow, [EnumeratorCancellation] CancellationToken token)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(token);
        var closed = JobHistory.CloseEventAsync(followed.Handle, wait: follow, done.Token);
        try
        {
            if (!follow || followed.Found.Status != WorkflowExecutionStatus.Running)
                await closed.ConfigureAwait(false);
            var at = from;
            while (true)
            {
                // Asked before the look at the store: what a job printed is there before the job is closed, or its report says how much is to come.
                var ended = closed.IsCompleted;
                var key = await AttemptAsync(followed, at.Attempt, onlyAttempt, ended ? await closed.ConfigureAwait(false) : null, token).ConfigureAwait(false);

                // Of an attempt that is passed over not one byte was kept: what its worker said that it printed is still to come, or is missing.
                var passed = (key is null ? ended : key.Attempt > at.Attempt) ? (await PrintsAsync(followed, token).ConfigureAwait(false)).First(at.Attempt, key?.Attempt, onlyAttempt) : null;
                if (passed is not null)
                    key = new(followed.Job, Conversation(followed), passed.Attempt);
                if (key is null && ended)
                    break;
                if (key is null)
                {
                    await PauseAsync(closed, token).ConfigureAwait(false);
                    continue;
                }

                if (key.Attempt != at.Attempt)
                    at = new(key.Attempt, default);
                var over = passed is null ? OverAsync(followed, key.Attempt, closed, done.Token) : Task.FromResult(OutputPromise.Of(passed));
                await foreach (var next in output.ReadAsync(key, at.Cursor, over, follow ? AttemptOutput.LateWithin : TimeSpan.Zero, token).ConfigureAwait(false))
                    yield return next;

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

    private static ConversationId Conversation(FollowedJob followed) => JobHistory.Conversation(JobHistory.Operations(followed.Found.Memo), followed.Found.RunId);

    private static async Task<AttemptPrints> PrintsAsync(FollowedJob followed, CancellationToken token)
    {
        var prints = new AttemptPrints();
        await foreach (var item in followed.Handle.FetchHistoryEventsAsync(new() { Rpc = new() { CancellationToken = token } }).ConfigureAwait(false))
            prints.Take(item);
        return prints;
    }

    /// <summary>The next attempt that has output, kept or promised.</summary>
    private async Task<LogKey?> AttemptAsync(FollowedJob followed, int atLeast, int? only, HistoryEvent? close, CancellationToken token)
    {
        var conversation = Conversation(followed);
        var kept = await logs.ListAsync(followed.Job, token).ConfigureAwait(false);
        var keys = kept.Select(log => log.Key).Where(key => key.Conversation == conversation);
        if (close is not null && JobHistory.Report(close)?.Log is { } log && log.StdoutBytes + log.StderrBytes > 0)
            keys = keys.Append(new(followed.Job, conversation, log.Attempt));
        return keys.Where(key => key.Attempt >= atLeast && (only is null || key.Attempt == only)).MinBy(key => key.Attempt);
    }

    /// <summary>Ends when an attempt is over, because the job is closed or a later one has begun, with what is promised of its output then.</summary>
    private async Task<OutputPromise> OverAsync(FollowedJob followed, int attempt, Task<HistoryEvent?> closed, CancellationToken token)
    {
        if (!closed.IsCompleted)
            await Task.WhenAny(closed, LaterAttemptAsync(followed, attempt, token)).Unwrap().ConfigureAwait(false);
        var close = closed.IsCompleted ? await closed.ConfigureAwait(false) : null;
        var found = followed.Found.Status != WorkflowExecutionStatus.Running ? followed.Found
            : await followed.Handle.DescribeAsync(new() { Rpc = new() { CancellationToken = token } }).ConfigureAwait(false);
        return OutputPromise.Of(attempt, JobHistory.Operations(found.Memo), close is not null, close is null ? null : JobHistory.Report(close));
    }

    private async Task LaterAttemptAsync(FollowedJob followed, int than, CancellationToken token)
    {
        using var timer = new PeriodicTimer(AttemptPoll);
        while (await AttemptAsync(followed, than + 1, null, null, token).ConfigureAwait(false) is null)
            await timer.WaitForNextTickAsync(token).ConfigureAwait(false);
    }

    private static async Task PauseAsync(Task closed, CancellationToken token) =>
        await Task.WhenAny(closed, Task.Delay(AttemptPoll, token)).ConfigureAwait(false);
}
