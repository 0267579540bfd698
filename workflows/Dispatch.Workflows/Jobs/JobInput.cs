using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;

namespace Dispatch.Workflows.Jobs;

/// <summary>Something that happened to a job.</summary>
internal abstract record JobInput
{
    private JobInput()
    {
    }

    /// <summary>Where it stands among what happened in the same task: an exit received wins over a cancel, that over the deadlines, those over a placement.</summary>
    public abstract int Rank { get; }

    /// <summary>The run began and its spec was read.</summary>
    /// <param name="Reading">The spec, or its errors.</param>
    /// <param name="SpecJson">The canonical spec; empty where it is wrong.</param>
    /// <param name="SpecDigest">Its digest; that of the text given where it is wrong.</param>
    public sealed record Started(SpecReading Reading, string SpecJson, string SpecDigest) : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => 0;
    }

    /// <summary>A delivery of <c>RunContainer</c> closed.</summary>
    /// <param name="End">How.</param>
    public sealed record RunClosed(RunEnd End) : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => 1;
    }

    /// <summary>Temporal asked for cancellation.</summary>
    public sealed record CancelRequested : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => 2;
    }

    /// <summary>A command arrived.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Command">The command.</param>
    public sealed record CommandReceived(string Id, JobCommand Command) : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => Command is JobCommand.Stop ? 2 : 3;
    }

    /// <summary>A control activity closed.</summary>
    /// <param name="CommandId">The command it carried; null where nobody waits for it.</param>
    /// <param name="Code">The code of its failure, or null.</param>
    /// <param name="Message">The failure's text.</param>
    public sealed record ControlClosed(string? CommandId, ErrorCode? Code, string? Message) : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => 3;
    }

    /// <summary>A timer fired.</summary>
    /// <param name="Timer">Which.</param>
    /// <param name="Id">Which start of it.</param>
    public sealed record TimerFired(JobTimer Timer, int Id) : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => Timer is JobTimer.StopWait ? 6 : 4;
    }

    /// <summary>The placer answered the ask that was open.</summary>
    /// <param name="Answer">The answer.</param>
    public sealed record Placed(PlaceAnswer Answer) : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => 5;
    }

    /// <summary>Somebody hinted that asking may be worth it.</summary>
    public sealed record Nudged : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => 7;
    }

    /// <summary>The placer was told of the end, or could not be.</summary>
    public sealed record Settled : JobInput
    {
        /// <inheritdoc/>
        public override int Rank => 8;
    }
}
