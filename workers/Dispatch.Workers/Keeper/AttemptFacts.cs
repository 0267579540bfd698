using Dispatch.Contracts.Ids;

namespace Dispatch.Workers.Keeper;

/// <summary>What never changes of an attempt.</summary>
internal sealed record AttemptFacts
{
    /// <summary>The lease.</summary>
    internal required LeaseId Lease { get; init; }

    /// <summary>The attempt.</summary>
    internal required int Attempt { get; init; }

    /// <summary>Whether an image is to be fetched.</summary>
    internal required bool HasImage { get; init; }

    /// <summary>What stands before the text when the workload's command is at fault: image or command.</summary>
    internal required string What { get; init; }

    /// <summary>Pull and init together.</summary>
    internal required TimeSpan InitLimit { get; init; }

    /// <summary>From SIGTERM to SIGKILL.</summary>
    internal required TimeSpan StopGrace { get; init; }

    /// <summary>The witnesses' times.</summary>
    internal required WitnessTimes Times { get; init; }
}
