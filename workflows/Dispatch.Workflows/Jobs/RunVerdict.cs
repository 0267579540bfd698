using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>What a worker's answer means for the job.</summary>
internal abstract record RunVerdict
{
    private RunVerdict()
    {
    }

    /// <summary>The workload ended, and the job is done.</summary>
    /// <param name="Reason">Why it ended.</param>
    public sealed record Done(TerminationReason Reason) : RunVerdict;

    /// <summary>It failed; a budget may allow another attempt.</summary>
    /// <param name="Reason">Why the job ends where none does.</param>
    /// <param name="Code">The code.</param>
    /// <param name="Message">What happened.</param>
    /// <param name="Budget">The budget, or null where none can help.</param>
    public sealed record Failed(TerminationReason Reason, ErrorCode Code, string Message, RetryCause? Budget) : RunVerdict;

    /// <summary>The worker says that it has the attempt no more, without a result.</summary>
    /// <param name="Loss">Why.</param>
    public sealed record Exited(AttemptLoss Loss) : RunVerdict;

    /// <summary>The worker did nothing; the placer knows what became of the lease.</summary>
    /// <param name="Loss">What holds unless the placer knows better.</param>
    public sealed record Ask(AttemptLoss Loss) : RunVerdict;

    /// <summary>The meaning of a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="rule">Which codes are a success.</param>
    /// <returns>The verdict.</returns>
    public static RunVerdict Of(ContainerReport report, ExitRule rule)
    {
        var outcome = report.Outcome;
        switch (report.End)
        {
            case ContainerEnd.TimedOut:
                return new Failed(TerminationReason.ExecutionTimeout, ErrorCode.ExecutionTimeout, $"The run deadline passed; {Ended(outcome)}.", RetryCause.TimedOut);
            case ContainerEnd.Stopped:
                return new Failed(TerminationReason.Cancelled, ErrorCode.Cancelled, $"It was stopped on its worker; {Ended(outcome)}.", Budget: null);
            case ContainerEnd.Drained:
                return new Exited(new(LossCause.Draining, RetryCause.Draining, ErrorCode.WorkerLost, TerminationReason.WorkerLost, $"The worker drains; {Ended(outcome)}."));
            default:
                break;
        }

        if (outcome.Signal is null && outcome.Code is { } code && rule.Success.Contains(code)) return new Done(TerminationReason.WorkloadExited);
        if (outcome.OutOfMemory) return new Failed(TerminationReason.OutOfMemory, ErrorCode.OutOfMemory, $"Killed for its use of memory; {Ended(outcome)}.", RetryCause.OutOfMemory);
        return rule.NonZeroIsData
            ? new Done(TerminationReason.WorkloadExited)
            : new Failed(TerminationReason.WorkloadExited, ErrorCode.NonZeroExit, (report.RemovedFromOutside ? "The container was removed from outside: the workload " : "The workload ") + Ended(outcome) + ".", RetryCause.NonZero);
    }

    /// <summary>The meaning of an error.</summary>
    /// <param name="failure">The error.</param>
    /// <returns>The verdict.</returns>
    public static RunVerdict Of(ContainerFailure failure)
    {
        var message = failure.Message;
        Failed Final(TerminationReason reason, RetryCause? budget = null) => new(reason, failure.Code, message, budget);
        return failure.Code switch
        {
            ErrorCode.ImageNotFound or ErrorCode.ImageInvalid or ErrorCode.ImageNotCompatible => Final(TerminationReason.ImageError),
            ErrorCode.PullFailed => Final(TerminationReason.ImageError, RetryCause.Pull),
            ErrorCode.InitFailed => Final(TerminationReason.InitError, RetryCause.Init),
            ErrorCode.StartFailed => Final(TerminationReason.StartFailure),
            ErrorCode.RuntimeUnavailable => Final(TerminationReason.StartFailure, RetryCause.RuntimeUnavailable),
            ErrorCode.OutOfMemory => Final(TerminationReason.OutOfMemory, RetryCause.OutOfMemory),
            ErrorCode.ExecutionTimeout => Final(TerminationReason.ExecutionTimeout, RetryCause.TimedOut),
            ErrorCode.NonZeroExit => Final(TerminationReason.WorkloadExited, RetryCause.NonZero),
            ErrorCode.WorkerLost or ErrorCode.Poisoned => new Exited(Lost(message) with { Poison = failure.Poison || failure.Code == ErrorCode.Poisoned }),
            ErrorCode.WorkerUnreachable => new Ask(Unreachable(message)),
            ErrorCode.StaleLease => new Ask(new(LossCause.Fenced, RetryCause.WorkerLost, ErrorCode.WorkerLost, TerminationReason.WorkerLost, message)),
            ErrorCode.RegistryUnavailable => new Ask(
                new(LossCause.RegistryUnavailable, RetryCause.RegistryUnavailable, ErrorCode.RegistryUnavailable, TerminationReason.InternalError, message)),
            _ => Final(ReasonOf(failure.Code)),
        };
    }

    /// <summary>The termination reason of a code that ends a job at once.</summary>
    /// <param name="code">The code.</param>
    /// <returns>The reason.</returns>
    public static TerminationReason ReasonOf(ErrorCode code) => code switch
    {
        ErrorCode.NotAdmitted => TerminationReason.NotAdmitted,
        ErrorCode.NoEligibleWorker or ErrorCode.MaxConcurrentJobs => TerminationReason.NoEligibleWorker,
        ErrorCode.InvalidJobSpec => TerminationReason.InvalidJobSpec,
        ErrorCode.CannotResume => TerminationReason.ResumeFailed,
        ErrorCode.Cancelled => TerminationReason.Cancelled,
        ErrorCode.QueueTimeout => TerminationReason.QueueTimeout,
        ErrorCode.ImageNotFound or ErrorCode.ImageInvalid or ErrorCode.ImageNotCompatible => TerminationReason.ImageError,
        _ => TerminationReason.InternalError,
    };

    /// <summary>A worker that went silent.</summary>
    /// <param name="message">What happened.</param>
    /// <returns>The loss.</returns>
    public static AttemptLoss Lost(string message) =>
        new(LossCause.Lost, RetryCause.WorkerLost, ErrorCode.WorkerLost, TerminationReason.WorkerLost, message);

    /// <summary>A worker that never took the offer.</summary>
    /// <param name="message">What happened.</param>
    /// <returns>The loss.</returns>
    public static AttemptLoss Unreachable(string message) =>
        new(LossCause.Unreachable, RetryCause.WorkerUnreachable, ErrorCode.WorkerUnreachable, TerminationReason.WorkerLost, message);

    private static string Ended(Outcome outcome) => outcome switch
    {
        { SignalName: { } name } => $"ended by {name}",
        { Signal: { } signal } => $"ended by signal {signal}",
        { Code: { } code } => $"ended with code {code}",
        _ => "its code is not known",
    };
}
