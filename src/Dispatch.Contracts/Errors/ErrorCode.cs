namespace Dispatch.Contracts.Errors;

/// <summary>The names of everything that can go wrong: Temporal failure type, HTTP problem type and CLI text are the same code.</summary>
/// <remarks>What each means, whether it may be tried again and what its reader can change stands in <see cref="ErrorCatalogue"/>.</remarks>
public enum ErrorCode
{
    /// <summary>The job is running already.</summary>
    AlreadyRunning,

    /// <summary>The job is being stopped already.</summary>
    AlreadyStopping,

    /// <summary>A job of this id exists with another spec.</summary>
    JobAlreadyExists,

    /// <summary>No job has this id.</summary>
    JobNotFound,

    /// <summary>The number of concurrent jobs is reached.</summary>
    MaxConcurrentJobs,

    /// <summary>The registry of images knows no such image.</summary>
    ImageNotFound,

    /// <summary>The reference or the content of the image is broken.</summary>
    ImageInvalid,

    /// <summary>The image is for another platform.</summary>
    ImageNotCompatible,

    /// <summary>The job spec is wrong; all its errors are listed.</summary>
    InvalidJobSpec,

    /// <summary>The pool's admission policy refuses what the spec asks.</summary>
    NotAdmitted,

    /// <summary>No worker can ever take the job as the pool stands.</summary>
    NoEligibleWorker,

    /// <summary>No worker was selected within the queue time-out.</summary>
    QueueTimeout,

    /// <summary>The worker went away and did not come back in time.</summary>
    WorkerLost,

    /// <summary>The worker never took the job.</summary>
    WorkerUnreachable,

    /// <summary>The lease is no longer the worker's.</summary>
    StaleLease,

    /// <summary>The image could not be fetched; a later try may succeed.</summary>
    PullFailed,

    /// <summary>An init step failed.</summary>
    InitFailed,

    /// <summary>The container or process could not be started.</summary>
    StartFailed,

    /// <summary>The run deadline passed.</summary>
    ExecutionTimeout,

    /// <summary>The workload was killed for its use of memory.</summary>
    OutOfMemory,

    /// <summary>The workload ended with an exit code outside its success set.</summary>
    NonZeroExit,

    /// <summary>The job was stopped or cancelled.</summary>
    Cancelled,

    /// <summary>Several workers died under the job.</summary>
    Poisoned,

    /// <summary>The registry does not answer.</summary>
    RegistryUnavailable,

    /// <summary>The container runtime does not answer.</summary>
    RuntimeUnavailable,

    /// <summary>The job cannot be resumed.</summary>
    CannotResume,

    /// <summary>A fault of Dispatch itself.</summary>
    InternalError,
}
