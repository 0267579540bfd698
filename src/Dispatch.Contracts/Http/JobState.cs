namespace Dispatch.Contracts.Http;

/// <summary>Where a job stands. Within an attempt states may skip forward, never go back; between two attempts the job is queued again.</summary>
public enum JobState
{
    /// <summary>Waits for a worker: for the first attempt, or for the next one.</summary>
    Queued,

    /// <summary>Held back before placement.</summary>
    Paused,

    /// <summary>Handed to a worker that has said nothing finer yet.</summary>
    Sent,

    /// <summary>The worker fetches the image.</summary>
    Pulling,

    /// <summary>The container is made and init steps run.</summary>
    Initializing,

    /// <summary>The workload runs.</summary>
    Running,

    /// <summary>The workload runs and said that it is ready.</summary>
    Ready,

    /// <summary>The workload is being stopped.</summary>
    Stopping,

    /// <summary>Ended; the reason and the outcome say how.</summary>
    Closed,
}
