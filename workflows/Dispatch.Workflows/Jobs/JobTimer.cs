namespace Dispatch.Workflows.Jobs;

/// <summary>The timers of a job.</summary>
internal enum JobTimer
{
    /// <summary>The queue time-out.</summary>
    Queue,

    /// <summary>The total time-out.</summary>
    Total,

    /// <summary>The placer is asked again.</summary>
    AskAgain,

    /// <summary>The next attempt may begin.</summary>
    Backoff,

    /// <summary>The message is sent again.</summary>
    Resend,

    /// <summary>A stop has been waited for long enough.</summary>
    StopWait,
}

/// <summary>A timer that runs.</summary>
/// <param name="Id">Which start of it, from 1: a firing that crossed its cancellation is told apart.</param>
/// <param name="Due">When it fires, UTC.</param>
internal sealed record RunningTimer(int Id, DateTimeOffset Due);
