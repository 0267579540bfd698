using System.Threading.Channels;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Attempts;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Keeper;

/// <summary>Looks after one attempt: hands what happens to <see cref="AttemptLife"/>, one input after the other, and does what it decides.</summary>
internal sealed partial class AttemptKeeper : IAsyncDisposable
{
    /// <summary>No wait is longer: the machine may have slept, which timers do not count but permission does.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>No wait is shorter: a rule that finds nothing to do at its time must not spin.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    // Bounded by what can be under way at once: one answer for each action, controls, one renewal's verdict a period, and one tick a wait.
    private readonly Channel<Told> inbox = Channel.CreateUnbounded<Told>(new() { SingleReader = true });
    private readonly CancellationTokenSource leaving = new();
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly AttemptHands hands;
    private readonly Action<AttemptKeeper> stateChanged;
    private readonly ITimer due;
    private readonly Task life;
    private volatile AttemptState state;
    private volatile bool failed;

    internal AttemptKeeper(KeptAttempt attempt, KeeperParts parts, Action<AttemptKeeper> stateChanged)
    {
        clock = parts.Clock;
        logger = parts.Logger;
        state = attempt.State;
        RuntimeName = attempt.Intent.Runtime;
        this.stateChanged = stateChanged;
        hands = new AttemptHands(attempt, parts, Post, leaving.Token);
        due = clock.CreateTimer(_ => Post(new AttemptInput.Tick()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        life = Task.Run(LiveAsync);
    }

    internal LeaseId Lease => state.Facts.Lease;

    /// <summary>The name of its runtime.</summary>
    internal string RuntimeName { get; }

    internal AttemptState State => state;

    /// <summary>Ends when the attempt is forgotten and its folder gone, or when it is left.</summary>
    internal Task Ended => life;

    /// <summary>What a renewal says of it; nothing once its keeper has failed, so that the lease ends and the job goes on elsewhere.</summary>
    internal LeaseStatement? Statement() => failed ? null : state.Statement(BootTime.Now(clock));

    internal void Post(AttemptInput input) => inbox.Writer.TryWrite(new(input, null));

    /// <summary>Tells it something.</summary>
    /// <returns>Its state once what followed was done; null where the attempt was left before it heard of it.</returns>
    internal Task<HeardState?> TellAsync(AttemptInput input)
    {
        var heard = new TaskCompletionSource<HeardState?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return inbox.Writer.TryWrite(new(input, heard)) ? heard.Task : Task.FromResult(Last);
    }

    /// <summary>Speaks with the token of a new delivery from now on; it is on disk before this returns.</summary>
    internal void TakeToken(ActivityToken token)
    {
        hands.TakeToken(token);
        Post(new AttemptInput.TokenTaken());
    }

    /// <summary>Leaves the attempt as it is: a container runs on, its files stay, nothing is said about it any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await leaving.CancelAsync().ConfigureAwait(false);
        await life.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await hands.DisposeAsync().ConfigureAwait(false);
        leaving.Dispose();
    }

    private async Task LiveAsync()
    {
        Told told = default;
        try
        {
            Post(new AttemptInput.Tick());
            while (state.Phase != AttemptPhase.Done)
            {
                told = await NextInputAsync().ConfigureAwait(false);
                var before = state;
                var step = AttemptLife.Next(before, told.Input, BootTime.Now(clock));
                state = step.State;
                foreach (var action in step.Actions)
                {
                    hands.Do(action, step.State);
                }

                told.Heard?.SetResult(new(state, hands.NotesKept));
                Tell(before);
            }

            await hands.Forgotten.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Left on purpose; the next start of the worker goes on from the disk.
        }
        catch (Exception fault)
        {
            failed = true;
            KeeperFailed(fault, state.Facts.Lease.Value);
            throw;
        }
        finally
        {
            await due.DisposeAsync().ConfigureAwait(false);
            inbox.Writer.Complete();
            do
            {
                told.Heard?.TrySetResult(Last);
            }
            while (inbox.Reader.TryRead(out told));
        }
    }

    private void Tell(AttemptState before)
    {
        if (AttemptSchedule.IsNews(before, state, BootTime.Now(clock)))
        {
            stateChanged(this);
        }
    }

    private async ValueTask<Told> NextInputAsync()
    {
        if (inbox.Reader.TryRead(out var ready))
        {
            return ready;
        }

        var wait = AttemptSchedule.NextAt(state) - BootTime.Now(clock) ?? LongestWait;
        wait = wait > ShortestWait ? wait : ShortestWait;

        due.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
        return await inbox.Reader.ReadAsync(leaving.Token).ConfigureAwait(false);
    }

    /// <summary>Of an attempt that is over its end; one that was left hears of nothing more.</summary>
    private HeardState? Last => state.Phase == AttemptPhase.Done ? new(state, hands.NotesKept) : null;

    private readonly record struct Told(AttemptInput Input, TaskCompletionSource<HeardState?>? Heard);

    [LoggerMessage(4000, LogLevel.Critical, "The keeper of lease {Lease} failed; its guard ends the container when permission ends")]
    private partial void KeeperFailed(Exception fault, string lease);
}

/// <summary>An attempt that has heard of something.</summary>
/// <param name="State">Its state then.</param>
/// <param name="Kept">Whether the disk took what is known of it: a worker started anew goes by that.</param>
internal sealed record HeardState(AttemptState State, bool Kept);
