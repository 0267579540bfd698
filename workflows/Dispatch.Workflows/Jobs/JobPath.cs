using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>Names a branch of the job's machine: the phase it is in, whether it is being stopped, and what happens. For those who ask which branches a set of histories goes through.</summary>
internal static class JobPath
{
    /// <summary>The branch that an input takes.</summary>
    /// <param name="at">What the job knows when it is taken.</param>
    /// <param name="input">What happened.</param>
    /// <returns>Such as <c>Sent: run closed, reported</c>; what comes after the end is told by its kind alone.</returns>
    public static string Of(JobProgress at, JobInput input)
    {
        if (at.Phase is JobPhase.Settling or JobPhase.Closed) return input is JobInput.Settled ? "Settling: settled" : $"Ended: {What(at, input).Split(' ', ',')[0]}";
        var phase = at.Paused ? $"{at.Phase}, paused" : at.Ending is not null ? $"{at.Phase}, stopping" : $"{at.Phase}";
        return $"{phase}: {What(at, input)}";
    }

    private static string What(JobProgress at, JobInput input) => input switch
    {
        JobInput.Started started => started.Reading.Spec is null ? "started with a wrong spec" : "started",
        JobInput.RunClosed closed => $"run closed, {End(closed.End)}",
        JobInput.CancelRequested => "cancel requested",
        JobInput.CommandReceived received => $"command {Command(received.Command)}",
        JobInput.ControlClosed closed => $"control closed, {(closed.Code is null ? "applied" : closed.Code == ErrorCode.WorkerUnreachable ? "not reached" : "refused")}",
        JobInput.TimerFired fired => $"timer {fired.Timer}",
        JobInput.Placed placed when at.Locating => $"located, {placed.Answer.Kind}",
        JobInput.Placed placed => $"placed, {Answer(at, placed.Answer)}",
        JobInput.Nudged => "nudged",
        JobInput.Settled => "settled",
        _ => throw new InvalidOperationException($"No input {input}."),
    };

    private static string End(RunEnd end) => end switch
    {
        RunEnd.Reported { Report.End: ContainerEnd.Exited } => "reported",
        RunEnd.Reported reported => $"reported {reported.Report.End}",
        RunEnd.Failed => "failed",
        _ => end.GetType().Name,
    };

    private static string Command(JobCommand command) => command is JobCommand.Stop { Mode: StopMode.Now } ? "Stop now" : command.GetType().Name;

    private static string Answer(JobProgress at, PlaceAnswer answer)
    {
        var which = answer.Attempt == 0 || answer.Attempt == at.OpenAsk?.Attempt ? "" : answer.Attempt > at.LastAttempt ? " of a later attempt" : " of an earlier attempt";
        var how = answer.Kind != PlaceAnswerKind.Ended ? "" : answer.Outcome is not null ? " with a report" : answer.Failure is not null ? " with a failure" : answer.Expired ? " expired" : " returned";
        return $"{answer.Kind}{how}{which}";
    }
}
