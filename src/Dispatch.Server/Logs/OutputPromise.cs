using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;

namespace Dispatch.Server.Logs;

/// <summary>What is known of the output of an attempt that is over: whether more may come than was captured so far. Its worker ships what it has also after the job is closed.</summary>
/// <param name="More">Whether its worker is to ship the rest and then say that it is all.</param>
/// <param name="Total">How much it printed, where its report said so.</param>
internal sealed record OutputPromise(bool More, LogReference? Total)
{
    /// <summary>Nobody will say more: what was captured is all.</summary>
    public static OutputPromise Captured { get; } = new(More: false, Total: null);

    /// <summary>The worker has the rest, of unknown length.</summary>
    public static OutputPromise UntilSaid { get; } = new(More: true, Total: null);

    /// <summary>So much was printed.</summary>
    public static OutputPromise Of(LogReference total) => new(More: true, total);

    /// <summary>What is promised of an attempt that is over.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="operations">What the memo still has; an attempt that it forgot is one of those whose worker had long to ship.</param>
    /// <param name="closed">Whether the job is closed.</param>
    /// <param name="report">The job's report, where it is closed and has one.</param>
    /// <returns>The promise.</returns>
    public static OutputPromise Of(int attempt, IReadOnlyList<Operation> operations, bool closed, JobReport? report)
    {
        if (report?.Log is { } total && total.Attempt == attempt)
            return Of(total);
        return operations.LastOrDefault(operation => operation.Attempt == attempt)?.Kind switch
        {
            OperationKind.MessageReceived => UntilSaid,

            // Closed by Temporal itself: its keeper hears of that, ends it, and ships what it printed.
            OperationKind.MessageSent when closed => UntilSaid,
            _ => Captured,
        };
    }
}
