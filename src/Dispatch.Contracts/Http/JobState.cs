namespace Dispatch.Contracts.Http;

/// <summary>Where a job stands. States may skip forward, never go back.</summary>
public enum JobState
{
    /// <summary>Waits for a worker.</summary>
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
