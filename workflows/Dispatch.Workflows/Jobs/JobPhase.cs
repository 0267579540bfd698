namespace Dispatch.Workflows.Jobs;

/// <summary>What the job's workflow is about.</summary>
internal enum JobPhase
{
    /// <summary>Nothing has happened.</summary>
    Opening,

    /// <summary>A worker is sought for the next attempt.</summary>
    Placing,

    /// <summary><c>RunContainer</c> is open.</summary>
    Sent,

    /// <summary><c>RunContainer</c> closed without an answer of the worker: the placer is asked what became of the attempt.</summary>
    Looking,

    /// <summary>The worker holds the attempt: it is sent again after a pause.</summary>
    Resending,

    /// <summary>The pause before the next attempt.</summary>
    BackingOff,

    /// <summary>No attempt is left: the last question.</summary>
    Final,

    /// <summary>The end is decided; the placer is told.</summary>
    Settling,

    /// <summary>Closed.</summary>
    Closed,
}
