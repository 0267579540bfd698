using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>Decides what a job's workflow does next. Pure: what it is given (progress, what happened, the time, chance, the revision) alone decides what it gives back.</summary>
/// <remarks>
/// What arrives while the placer is being asked is kept until its answer is there (at most 3 s), so that all that is in history by then is weighed
/// together: an exit received wins over a cancel, that over the deadlines, those over a placement.
/// </remarks>
internal sealed partial class JobMachine
{
    private readonly DateTimeOffset now;
    private readonly Func<double> chance;
    private readonly Func<string, bool> patched;
    private readonly List<JobAction> actions = [];
    private readonly List<(JobProgress, JobInput)> taken = [];
    private JobProgress at;
    private bool wantsAsk;
    private bool stopWaitPassed;
    private bool closes;

    private JobMachine(JobProgress progress, DateTimeOffset now, Func<double> chance, Func<string, bool> patched)
    {
        at = progress;
        this.now = now;
        this.chance = chance;
        this.patched = patched;
    }

    /// <summary>Takes one step.</summary>
    /// <param name="progress">What the job knows.</param>
    /// <param name="happened">What happened since the last step, in order of arrival.</param>
    /// <param name="now">Workflow time.</param>
    /// <param name="chance">Gives a number from 0 to 1 for jitter.</param>
    /// <param name="patched">Whether the run is to follow a revision (<see cref="JobRevisions"/>); asked only where that makes a difference, for the first answer is written into history.</param>
    /// <returns>What it knows now, and what is to be done, in order.</returns>
    public static JobStep Step(JobProgress progress, IReadOnlyList<JobInput> happened, DateTimeOffset now, Func<double> chance, Func<string, bool> patched)
    {
        if (progress.OpenAsk is not null && !happened.Any(input => input is JobInput.Placed))
            return new(progress with { Deferred = progress.Deferred.AddRange(happened) }, []);
        var machine = new JobMachine(progress with { Deferred = [] }, now, chance, patched);
        JobInput[] all = [.. progress.Deferred.Concat(happened).OrderBy(input => input.Rank)];
        machine.stopWaitPassed = all.Any(input => input is JobInput.TimerFired { Timer: JobTimer.StopWait });
        foreach (var input in all) machine.Take(input);
        machine.Finish();
        return new(machine.at, machine.actions) { Taken = machine.taken };
    }

    private void Take(JobInput input)
    {
        var (before, did, wanted, closing) = (at, actions.Count, wantsAsk, closes);
        Act(input);
        if (!ReferenceEquals(before, at) || actions.Count > did || wantsAsk != wanted || closes != closing) taken.Add((before, input));
    }

    private void Act(JobInput input)
    {
        switch (input)
        {
            case JobInput.Started started: Open(started); break;
            case JobInput.RunClosed closed: RunClosed(closed.End); break;
            case JobInput.CancelRequested: End(JobEnding.TemporalCancel); break;
            case JobInput.CommandReceived received: Receive(received.Id, received.Command); break;
            case JobInput.ControlClosed closed: ControlClosed(closed); break;
            case JobInput.TimerFired fired: TimerFired(fired); break;
            case JobInput.Placed placed: Placed(placed.Answer); break;
            case JobInput.Nudged: Nudged(); break;
            case JobInput.Settled when at.Phase == JobPhase.Settling: CloseNow(); break;
            default: break;
        }
    }

    private void TimerFired(JobInput.TimerFired fired)
    {
        var timer = fired.Timer;
        if (!at.Timers.TryGetValue(timer, out var running) || running.Id != fired.Id) return;
        at = at with { Timers = at.Timers.Remove(timer) };
        if (Ended) return;
        switch (timer)
        {
            case JobTimer.Queue: QueueTimedOut(); break;
            case JobTimer.Total: End(JobEnding.TotalTimeout); break;
            case JobTimer.AskAgain: wantsAsk = true; break;
            case JobTimer.Backoff when at.Phase == JobPhase.BackingOff: Seek(); break;
            case JobTimer.Resend when at.Phase == JobPhase.Resending: Send(); break;
            case JobTimer.StopWait: StopWaitPassed(); break;
            default: break;
        }
    }

    private void Nudged()
    {
        var waits = at.Phase is JobPhase.Placing or JobPhase.Looking or JobPhase.Final or JobPhase.Resending;
        if (!waits || at.Paused || wantsAsk || at.NudgedAsks >= JobLimits.NudgedAsksMax) return;
        at = at with { NudgedAsks = at.NudgedAsks + 1 };
        if (at.Phase == JobPhase.Resending) at = at with { Phase = JobPhase.Looking };
        wantsAsk = true;
    }

    private void Finish()
    {
        var asks = at.Phase is JobPhase.Placing or JobPhase.Looking or JobPhase.Final || (at.Phase == JobPhase.Sent && at.Unreached.Count > 0);
        if (wantsAsk && asks && at.OpenAsk is null) Ask();
        if (at.OpenAsk is null && at.Phase != JobPhase.Settling && at.Recorded < at.Operations.Count)
        {
            actions.Insert(0, new JobAction.Record(at.Operations.GetRange(at.Recorded, at.Operations.Count - at.Recorded)));
            at = at with { Recorded = at.Operations.Count };
        }

        if (at.Phase is JobPhase.BackingOff or JobPhase.Placing && at.Current is { Answered: true } or { Over: true }) SettleExtensions();
        if (at.OpenAsk is null && at.IsBetweenAttempts && at.Indexed == JobState.Sent) Index(JobState.Queued);
        if (closes) actions.Add(new JobAction.Close(at.Report!, at.How));
    }

    private void EnsureTimer(JobTimer timer, TimeSpan after)
    {
        if (after <= TimeSpan.Zero) after = TimeSpan.FromMilliseconds(1);
        if (at.Timers.TryGetValue(timer, out var running))
        {
            if (running.Due <= now + after) return;
            actions.Add(new JobAction.CancelTimer(timer));
        }

        var id = at.TimersStarted + 1;
        actions.Add(new JobAction.StartTimer(timer, id, after));
        at = at with { TimersStarted = id, Timers = at.Timers.SetItem(timer, new(id, now + after)) };
    }

    private void DropTimer(JobTimer timer)
    {
        if (!at.Timers.ContainsKey(timer)) return;
        actions.Add(new JobAction.CancelTimer(timer));
        at = at with { Timers = at.Timers.Remove(timer) };
    }

    private void Index(JobState state, TerminationReason? reason = null)
    {
        actions.Add(new JobAction.Index(state, at.Current?.Worker, reason));
        at = at with { Indexed = state };
    }

    private void Answer(string commandId, bool applied, string message, JobReport? report = null) =>
        Answer(commandId, new CommandAnswer(new CommandResult { Applied = applied, Message = message, Report = report }));

    private void Refuse(string commandId, ErrorCode code, string message) => Answer(commandId, new CommandAnswer(null, code, message));

    private void Answer(string commandId, CommandAnswer answer)
    {
        actions.Add(new JobAction.Answer(commandId, answer));
        at = at with { OpenCommands = at.OpenCommands.Remove(commandId) };
    }

    private bool Ended => at.Phase is JobPhase.Settling or JobPhase.Closed;

    private static string Cut(string? text, int max) => text is null ? "" : text.Length <= max ? text : string.Concat(text.AsSpan(0, max - 1), "…");

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan most)
    {
        var pause = first * Math.Pow(2, Math.Min(times, 30));
        return pause < most ? pause : most;
    }
}

/// <summary>What a step gives back.</summary>
/// <param name="Progress">What the job knows now.</param>
/// <param name="Actions">What is to be done, in order.</param>
internal sealed record JobStep(JobProgress Progress, IReadOnlyList<JobAction> Actions)
{
    /// <summary>What made a difference, in order, each with what the job knew just before: <see cref="JobPath"/> names the branch.</summary>
    public IReadOnlyList<(JobProgress At, JobInput Input)> Taken { get; init; } = [];
}
