namespace Dispatch.Workers.Keeper;

/// <summary>Where the keeper is with an attempt.</summary>
internal enum AttemptPhase
{
    /// <summary>Intent is on disk, nothing was done.</summary>
    Received,

    /// <summary>The image is fetched.</summary>
    Pulling,

    /// <summary>The container is made.</summary>
    Creating,

    /// <summary>The container is made; the guard is asked whether it answers.</summary>
    Guarding,

    /// <summary>The start was asked for.</summary>
    Starting,

    /// <summary>The runtime is asked what it has of the attempt: after a restart of the worker, or when the runtime failed to answer.</summary>
    Looking,

    /// <summary>A container is there; its output and its end are taken up again.</summary>
    Attaching,

    /// <summary>The container runs and is waited for.</summary>
    Running,

    /// <summary>There is an intent without a container on a host that was not rebooted: until its permission has ended a start may still be under way.</summary>
    Awaiting,

    /// <summary>The container is removed before anything is said about it, because nobody knows whether it runs.</summary>
    Clearing,

    /// <summary>It has ended; what it left is collected.</summary>
    Collecting,

    /// <summary>The report is written to disk.</summary>
    Storing,

    /// <summary>The report is delivered, the container removed, the lease returned.</summary>
    Closing,

    /// <summary>Nothing is left to do.</summary>
    Done,
}

/// <summary>Why the keeper ends an attempt; the first cause counts.</summary>
internal enum EndCause
{
    /// <summary>The run deadline passed.</summary>
    TimedOut,

    /// <summary>Somebody asked: stop control or Temporal cancel.</summary>
    Stopped,

    /// <summary>The worker drains.</summary>
    Drained,

    /// <summary>The deadline of pull and init passed.</summary>
    InitTimedOut,

    /// <summary>Neither witness permits it any more.</summary>
    PermissionEnded,

    /// <summary>The registry says that the lease is another's.</summary>
    NotYours,

    /// <summary>Temporal says that the run is closed.</summary>
    RunClosed,

    /// <summary>The worker died under it too often.</summary>
    Poison,
}

/// <summary>What became of the report at Temporal.</summary>
internal enum Delivery
{
    /// <summary>Not delivered yet.</summary>
    Pending,

    /// <summary>The call returned.</summary>
    Delivered,

    /// <summary>The activity is not there any more, the run is open: the registry has the outcome, or a new delivery takes it.</summary>
    Orphaned,

    /// <summary>The run is closed: the report is late.</summary>
    Late,
}
