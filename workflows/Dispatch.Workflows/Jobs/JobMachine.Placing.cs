using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>From opened to sent: the asks and their answers.</summary>
internal sealed partial class JobMachine
{
    private void Open(JobInput.Started started)
    {
        var spec = started.Reading.Spec;
        at = at with
        {
            Spec = spec,
            SpecJson = started.SpecJson,
            SpecDigest = started.SpecDigest,
            SpecErrors = started.Reading.Errors,
            QueuedAt = spec is null ? at.Facts.StartedAt : QueuedSince(spec),
            MemoryBytes = spec?.Resources.MemoryBytes ?? 0,
            Run = spec?.Timeouts.Run ?? TimeSpan.Zero,
            Priority = spec?.Priority ?? 0,
        };
        Record(Next(OperationKind.ConversationOpened) with
        {
            State = OperationActivityState.ActivityScheduled,
            Job = at.Facts.Job,
            Pool = spec?.Pool,
            Trigger = at.Facts.Trigger,
            SpecDigest = started.SpecDigest,
        });
        if (spec is null)
        {
            Close(TerminationReason.InvalidJobSpec, ErrorCode.InvalidJobSpec, SpecErrorText(started.Reading.Errors));
            return;
        }

        Seek();
        if (spec.Timeouts.Total is not { } total) return;
        var left = at.QueuedAt + total - now;
        if (left > TimeSpan.Zero) EnsureTimer(JobTimer.Total, left);
        else End(JobEnding.TotalTimeout);
    }

    // A start that was delayed on purpose cannot be told from one that found no workflow host: where the first task comes
    // later than a whole time-out, the deadlines count from it.
    private DateTimeOffset QueuedSince(JobSpec spec)
    {
        var shortest = spec.Timeouts.Total is { } total && total < spec.Timeouts.Queue ? total : spec.Timeouts.Queue;
        return now - at.Facts.StartedAt < shortest ? at.Facts.StartedAt : now;
    }

    private void Seek()
    {
        at = at with { Phase = JobPhase.Placing, UnavailableInRow = 0 };
        wantsAsk = true;
    }

    private void Ask()
    {
        if (at.Asks >= JobLimits.AsksMax)
        {
            LoseCurrent();
            Close(TerminationReason.InternalError, ErrorCode.InternalError, $"The placer was asked {JobLimits.AsksMax} times, which is the most; the last answer: {at.Placement?.Why ?? "none"}");
            return;
        }

        var asksForNext = at.Phase == JobPhase.Placing;
        var ask = new PlaceAsk
        {
            Job = at.Facts.Job,
            Conversation = at.Facts.Conversation,
            RunId = at.Facts.RunId,
            Attempt = asksForNext ? at.LastAttempt + 1 : Math.Max(1, at.LastAttempt),
            Ask = at.Asks + 1,
            Final = at.Phase == JobPhase.Final,
            GiveBack = at.GiveBack,
            SeenReturned = at.SeenReturned,
            SpecJson = at.SpecJson,
            SpecDigest = at.SpecDigest,
            MemoryBytes = at.MemoryBytes > at.Spec!.Resources.MemoryBytes ? at.MemoryBytes : null,
            Priority = at.Priority,
            QueuedAt = at.QueuedAt,
            Excluded = at.Excluded,
            Paused = asksForNext && PauseWanted,
        };
        at = at with { Asks = ask.Ask, OpenAsk = ask, Locating = at.Phase == JobPhase.Sent };
        actions.Add(new JobAction.Ask(ask));
    }

    private void Placed(PlaceAnswer answer)
    {
        if (at.OpenAsk is not { } ask) return;
        if (at.Locating)
        {
            // It was asked where the worker is, not what became of the attempt: whatever happened since is asked about anew.
            at = at with { OpenAsk = null, Locating = false };
            if (at.Phase == JobPhase.Sent) Located(answer);
            return;
        }

        at = at with { OpenAsk = null, Placement = RecordedPlacement.Of(answer, now) };
        if (Ended) return;
        if (at.Phase == JobPhase.Final && !ask.Final)
        {
            // It was asked before the stop: a place in the queue, and an offer, are taken back by the ask that follows.
            wantsAsk = true;
            return;
        }

        if (answer.Kind == PlaceAnswerKind.Unavailable || (answer.Kind == PlaceAnswerKind.Offered && !Whole(answer)))
        {
            Unavailable(answer.Why ?? "the answer names no worker");
            return;
        }

        at = at with { UnavailableSince = null };
        if (answer.Attempt == 0) answer = answer with { Attempt = ask.Attempt };
        if (answer.Kind == PlaceAnswerKind.Refused) Refused(answer);
        else if (IsAhead(answer)) PlacedAhead(answer, ask);
        else if (answer.Attempt < at.LastAttempt) AskLater();
        else if (at.Phase == JobPhase.Placing) PlacedBehind(answer);
        else if (StopsNothing) CloseAsStopped();
        else Looked(answer, ask);
    }

    private void Waiting(PlaceAsk ask)
    {
        if (ask.Priority == at.Priority) SettlePriorities();
        if (ask.Paused && PauseWanted)
        {
            if (!at.Paused) PauseNow();
            return;
        }

        if (ask.Paused != PauseWanted) wantsAsk = true;
        if (at.Indexed is null) Index(JobState.Queued);
        EnsureQueueTimer();
        EnsureTimer(JobTimer.AskAgain, Spaced(Doubled(JobLimits.WaitingPause, at.WaitsInRow, JobLimits.WaitingPauseMax)));
        at = at with { WaitsInRow = Math.Min(at.WaitsInRow + 1, 30), UnavailableInRow = 0 };
    }

    private void Unavailable(string why)
    {
        var since = at.UnavailableSince ?? now;
        at = at with { UnavailableSince = since, Placement = at.Placement! with { Why = $"RegistryUnavailable since {since:O}: {why}" } };
        if (!at.EverSent && at.Indexed is null) Index(JobState.Queued);
        EnsureQueueTimer();
        AskLater();
    }

    private void AskLater()
    {
        var pause = Doubled(JobLimits.UnavailablePause, at.UnavailableInRow, JobLimits.UnavailablePauseMax);
        EnsureTimer(JobTimer.AskAgain, Spaced(pause * (0.8 + (0.4 * chance()))));
        at = at with { UnavailableInRow = Math.Min(at.UnavailableInRow + 1, 30) };
    }

    private TimeSpan Spaced(TimeSpan pause) => at.Asks > JobLimits.BriskAsksMax && pause < JobLimits.SparsePause ? JobLimits.SparsePause : pause;

    private void EnsureQueueTimer()
    {
        if (at.EverSent || at.Paused || at.Phase != JobPhase.Placing || at.Timers.ContainsKey(JobTimer.Queue)) return;
        EnsureTimer(JobTimer.Queue, at.QueuedAt + at.Spec!.Timeouts.Queue + at.PausedFor - now);
    }

    private void QueueTimedOut()
    {
        if (at.EverSent || at.Paused || at.Ending is not null) return;
        Close(TerminationReason.QueueTimeout, ErrorCode.QueueTimeout, $"No worker within timeouts.queue ({at.Spec!.Timeouts.Queue}). {Reasons()}");
    }

    private string Reasons() => at.Placement?.Why ?? at.Placement?.Explanation?.Summary ?? "";

    private void Refused(PlaceAnswer answer)
    {
        if (StopsNothing)
        {
            CloseAsStopped();
            return;
        }

        LoseCurrent();
        var code = answer.Error ?? ErrorCode.InternalError;
        Close(RunVerdict.ReasonOf(code), code, answer.Why ?? ErrorCatalogue.Of(code).Title);
    }

    private void Select(PlaceAnswer answer)
    {
        SettleExtensions();
        RefusePauses();
        SettlePriorities();
        DropTimer(JobTimer.Queue);
        DropTimer(JobTimer.AskAgain);
        at = at with
        {
            LastAttempt = answer.Attempt,
            Paused = false,
            LastReport = null,
            LastFailure = null,
            FirstPlacedAt = at.FirstPlacedAt ?? now,
            PlacedAt = now,
            Current = new()
            {
                Number = answer.Attempt,
                Worker = answer.Worker!.Value,
                Incarnation = answer.Incarnation!.Value,
                Lease = answer.Lease!.Value,
                Fence = answer.Fence!.Value,
                Profile = answer.Profile ?? TimeProfile.Normal,
                Version = answer.HostVersion ?? "",
            },
        };
        Record(Next(OperationKind.WorkerSelected) with
        {
            State = OperationActivityState.ActivityStarted,
            Attempt = answer.Attempt,
            Worker = answer.Worker,
            Incarnation = answer.Incarnation,
            Lease = answer.Lease,
            Fence = answer.Fence,
            Router = answer.Router,
        });
    }

    private static bool Whole(PlaceAnswer answer) =>
        answer is { Worker: not null, Incarnation: not null, Lease: not null, Fence: not null, Attempt: > 0 };

    private static string SpecErrorText(IReadOnlyList<SpecError> errors) =>
        string.Join(" ", errors.Select(error => error.Field.Length == 0 ? error.Message : $"{error.Field}: {error.Message}"));
}
