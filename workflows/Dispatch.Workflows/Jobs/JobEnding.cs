using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Runs;

namespace Dispatch.Workflows.Jobs;

/// <summary>An end that was asked for.</summary>
/// <param name="Reason">The reason once something was sent; before, a cancel is <see cref="TerminationReason.CancelledBeforeStart"/>.</param>
/// <param name="Code">The code.</param>
/// <param name="Canceled">Whether Temporal asked.</param>
/// <param name="Now">Whether the worker is to kill at once.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="Why">Why.</param>
internal sealed record JobEnding(TerminationReason Reason, ErrorCode Code, bool Canceled, bool Now, string RequestedBy, string Why)
{
    /// <summary>The deadline of the whole job.</summary>
    public static JobEnding TotalTimeout { get; } =
        new(TerminationReason.ExecutionTimeout, ErrorCode.ExecutionTimeout, Canceled: false, Now: false, "dispatch", "timeouts.total passed");

    /// <summary>A cancel by Temporal.</summary>
    public static JobEnding TemporalCancel { get; } =
        new(TerminationReason.Cancelled, ErrorCode.Cancelled, Canceled: true, Now: false, "temporal", "cancellation was requested");

    /// <summary>Who and why, one sentence.</summary>
    public string Message => Reason == TerminationReason.ExecutionTimeout ? $"{Why}." : $"Stopped by {RequestedBy}: {Why}.";

    /// <summary>What the worker is told.</summary>
    /// <param name="lease">The attempt's lease.</param>
    /// <returns>The control's argument.</returns>
    public StopInput StopOf(LeaseId lease) => new() { Lease = lease, Now = Now, RequestedBy = RequestedBy, Reason = Why };
}
