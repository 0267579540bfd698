using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>What others want of the job: commands, and the ends that are asked for.</summary>
internal sealed partial class JobMachine
{
    private bool PauseWanted => at.Paused || at.OpenCommands.Values.Any(command => command is JobCommand.Pause);

    private void Receive(string id, JobCommand command)
    {
        if (Ended)
        {
            Answer(id, applied: false, "The job has ended.", at.Report);
            return;
        }

        if (at.Commands >= JobLimits.CommandsMax)
        {
            Refuse(id, ErrorCode.AlreadyRunning, $"The job has taken {JobLimits.CommandsMax} commands, the most that a job takes; a Temporal cancel still stops it.");
            return;
        }

        at = at with { Commands = at.Commands + 1, OpenCommands = at.OpenCommands.SetItem(id, command) };
        switch (command)
        {
            case JobCommand.Stop stop: Stop(id, stop); break;
            case JobCommand.Extend extend: Extend(id, extend); break;
            case JobCommand.SetPriority set: SetPriority(id, set); break;
            case JobCommand.Pause: Pause(id); break;
            default: Unpause(id); break;
        }
    }

    private void Stop(string id, JobCommand.Stop stop)
    {
        var now = stop.Mode == StopMode.Now;
        if (at.Ending is { } ending)
        {
            if (ending.Now || !now)
            {
                Refuse(id, ErrorCode.AlreadyStopping, $"The job is being stopped already ({ending.Message})");
                return;
            }

            at = at with { Ending = ending with { Now = true, RequestedBy = stop.RequestedBy, Why = stop.Reason } };
            if (at.Phase == JobPhase.Sent) TellWorker(id);
            else Answer(id, applied: true, "The worker kills it as soon as it is reached.");
            return;
        }

        End(new(TerminationReason.Cancelled, ErrorCode.Cancelled, Canceled: false, now, stop.RequestedBy, stop.Reason), id);
    }

    private void End(JobEnding ending, string? commandId = null)
    {
        if (Ended || at.Ending is not null) return;
        at = at with { Ending = ending };
        switch (at.Phase)
        {
            case JobPhase.Sent:
                actions.Add(new JobAction.CancelRun());
                TellWorker(commandId);
                WaitForStop();
                break;
            case JobPhase.Resending:
                Send();
                WaitForStop();
                AnswerStop(commandId, "The worker is told with the next delivery.");
                break;
            case JobPhase.Looking or JobPhase.Final:
                WaitForStop();
                wantsAsk = true;
                AnswerStop(commandId, "It ends as soon as it is known what became of the attempt.");
                break;
            case JobPhase.Placing or JobPhase.BackingOff when patched(JobRevisions.Third):
                FollowTheRow(commandId);
                break;
            default:
                CloseAsStopped();
                break;
        }
    }

    private void AnswerStop(string? commandId, string message)
    {
        if (commandId is not null) Answer(commandId, applied: true, message);
    }

    private void TellWorker(string? commandId)
    {
        var current = at.Current!;
        actions.Add(new JobAction.Control(JobNames.Stop, at.Ending!.StopOf(current.Lease), current.Queue, Receipt(current.Profile), commandId));
    }

    private void WaitForStop()
    {
        var profile = at.Current?.Profile ?? TimeProfile.Normal;
        var grace = at.Ending!.Now ? TimeSpan.Zero : at.Spec!.Timeouts.StopGrace;
        EnsureTimer(JobTimer.StopWait, grace + profile.KillBudget + profile.HeartbeatTimeout);
    }

    private void StopWaitPassed()
    {
        if (at.Ending is null) return;
        at = at with { Loss = RunVerdict.Lost("The worker did not say in time that it stopped.") };
        CloseAsStopped();
    }

    private void ControlClosed(JobInput.ControlClosed closed)
    {
        if (closed.CommandId is not { } id || !at.OpenCommands.ContainsKey(id)) return;
        if (at.ExtensionsWait && at.Extensions.TryGetValue(id, out var pending)) ExtensionTold(id, pending, closed.Code, closed.Message);
        else if (closed.Code == ErrorCode.WorkerUnreachable && at.Phase == JobPhase.Sent) Locate(id);
        else ControlAnswered(id, closed.Code, closed.Message);
    }

    private void Locate(string unreached)
    {
        at = at with { Unreached = at.Unreached.Add(unreached) };
        wantsAsk = true;
    }

    // A worker that restarted goes on with the same delivery in another queue: what did not reach it is told again there.
    private void Located(PlaceAnswer answer)
    {
        var before = at.Current!.Incarnation;
        if (answer.Kind == PlaceAnswerKind.Held && answer.Attempt == at.Current.Number) Relocate(answer);
        if (at.Current.Incarnation == before)
        {
            NotReached();
            return;
        }

        foreach (var id in at.Unreached.Where(at.OpenCommands.ContainsKey))
        {
            if (at.OpenCommands[id] is JobCommand.Extend) TellExtension(id);
            else TellWorker(id);
        }

        at = at with { Unreached = [] };
    }

    private void NotReached()
    {
        const string message = "The worker does not answer; the command may be repeated under another id.";
        foreach (var id in at.Unreached)
        {
            if (!at.OpenCommands.ContainsKey(id)) continue;
            if (!at.ExtensionsWait || !at.Extensions.ContainsKey(id)) ControlAnswered(id, ErrorCode.WorkerUnreachable, message);
            else if (at.Phase == JobPhase.Sent) RefuseUntold(ErrorCode.WorkerUnreachable, message);
        }

        at = at with { Unreached = [] };
    }

    private void ControlAnswered(string id, ErrorCode? refusal, string? message)
    {
        if (at.OpenCommands[id] is not JobCommand.Extend)
        {
            Answer(id, applied: true, refusal is null ? "The worker is stopping it." : "The worker is told by cancellation.");
            return;
        }

        var run = at.Extensions[id].Run;
        at = at with { Extensions = at.Extensions.Remove(id) };
        if (refusal is { } code)
        {
            Refuse(id, code, message ?? ErrorCatalogue.Of(code).Title);
            return;
        }

        if (run > at.Run) at = at with { Run = run };
        Answer(id, applied: true, $"The run deadline is {DurationText.Format(run)} from the container's start.");
    }

    private void SetPriority(string id, JobCommand.SetPriority set)
    {
        at = at with { Priority = set.Priority };
        if (at.Phase == JobPhase.Placing && !at.Paused) wantsAsk = true;
        else Answer(id, applied: true, $"The priority is {set.Priority} from the next placement on.");
    }

    // An ask with the new priority was answered.
    private void SettlePriorities()
    {
        foreach (var (id, command) in Open<JobCommand.SetPriority>()) Answer(id, applied: true, $"The priority is {command.Priority}.");
    }

    private void Pause(string id)
    {
        if (at.Paused) Answer(id, applied: false, "The job is paused already.");
        else if (at.EverSent || at.Ending is not null || at.Phase != JobPhase.Placing) RefusePause(id);
        else wantsAsk = true;
    }

    private void RefusePause(string id) => Refuse(id, ErrorCode.AlreadyRunning, "A worker was selected already; only a job that waits for its first attempt can be paused.");

    private void RefusePauses()
    {
        foreach (var (id, _) in Open<JobCommand.Pause>()) RefusePause(id);
    }

    private void PauseNow()
    {
        // A priority that came meanwhile goes with the ask that ends the pause.
        SettlePriorities();
        wantsAsk = false;
        at = at with { Paused = true, PausedAt = now };
        DropTimer(JobTimer.Queue);
        DropTimer(JobTimer.AskAgain);
        Index(JobState.Paused);
        foreach (var (id, _) in Open<JobCommand.Pause>()) Answer(id, applied: true, "The job is paused.");
    }

    private void Unpause(string id)
    {
        if (!at.Paused)
        {
            var pending = Open<JobCommand.Pause>();
            foreach (var (pause, _) in pending) Answer(pause, applied: false, "It was taken back before it was in force.");
            Answer(id, applied: pending.Count > 0, pending.Count > 0 ? "The pause is taken back." : "The job is not paused.");
            wantsAsk |= pending.Count > 0;
            return;
        }

        at = at with { Paused = false, PausedFor = at.PausedFor + (now - at.PausedAt), WaitsInRow = 0 };
        Index(JobState.Queued);
        EnsureQueueTimer();
        wantsAsk = true;
        Answer(id, applied: true, "The job waits for a worker again.");
    }

    private List<(string Id, T Command)> Open<T>()
        where T : JobCommand =>
        [.. at.OpenCommands.Where(open => open.Value is T).OrderBy(open => open.Key, StringComparer.Ordinal).Select(open => (open.Key, (T)open.Value))];
}
