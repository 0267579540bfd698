using Dispatch.Contracts.Workers;

namespace Dispatch.Workers.Keeper;

/// <summary>What the keeper is to do for an attempt; done in the given order.</summary>
internal abstract record AttemptAction
{
    /// <summary>Write the end of permission where the guard reads it.</summary>
    internal sealed record WritePermission(TimeSpan EndsAt) : AttemptAction;

    /// <summary>Write what is known of the attempt; durable: it must survive a power cut before the next action.</summary>
    internal sealed record Save(bool Durable) : AttemptAction;

    /// <summary>Fetch the image.</summary>
    internal sealed record Pull : AttemptAction;

    /// <summary>Make the container.</summary>
    internal sealed record Create : AttemptAction;

    /// <summary>Give up the pull or create under way.</summary>
    internal sealed record CancelPreparation : AttemptAction;

    /// <summary>Ask whether the guard answers; start it where it does not.</summary>
    internal sealed record AskGuard : AttemptAction;

    /// <summary>Start the container, unless permission ends before <paramref name="PermissionEnds"/>.</summary>
    internal sealed record Start(TimeSpan PermissionEnds) : AttemptAction;

    /// <summary>Ask the runtime what it has of the attempt.</summary>
    internal sealed record Look : AttemptAction;

    /// <summary>Take up the output of the container that is there.</summary>
    internal sealed record Attach : AttemptAction;

    /// <summary>Wait for its end.</summary>
    internal sealed record Wait : AttemptAction;

    /// <summary>SIGTERM, grace, SIGKILL.</summary>
    internal sealed record Stop(TimeSpan Grace) : AttemptAction;

    /// <summary>SIGKILL.</summary>
    internal sealed record Kill : AttemptAction;

    /// <summary>Read the outcome message, ship the output.</summary>
    internal sealed record Collect : AttemptAction;

    /// <summary>Write the report to disk.</summary>
    internal sealed record StoreReport(AttemptReport Report) : AttemptAction;

    /// <summary>Report to Temporal.</summary>
    internal sealed record SendReport(AttemptReport Report) : AttemptAction;

    /// <summary>Remove the container.</summary>
    internal sealed record Remove : AttemptAction;

    /// <summary>Give the lease back.</summary>
    internal sealed record Return(AttemptReport Report) : AttemptAction;

    /// <summary>Heartbeat.</summary>
    internal sealed record Heartbeat(LeaseStatement Statement) : AttemptAction;

    /// <summary>Forget the attempt: its folder goes, its log is shipped to its end.</summary>
    /// <param name="Late">Whether the report came too late for its job and is kept.</param>
    internal sealed record Forget(bool Late) : AttemptAction;
}
