using System.Collections.Frozen;

namespace Dispatch.Contracts.Errors;

/// <summary>Every error Dispatch names, in one place.</summary>
public static class ErrorCatalogue
{
    private static readonly FrozenDictionary<ErrorCode, ErrorEntry> Entries = new ErrorEntry[]
    {
        new(ErrorCode.AlreadyRunning, false, ErrorPhase.Control, 409, "The job is past the point where this is possible.", "Use a control that fits its state; `get` shows it."),
        new(ErrorCode.AlreadyStopping, false, ErrorPhase.Control, 409, "The job is being stopped already.", "Wait for its end, or stop it with mode now."),
        new(ErrorCode.JobAlreadyExists, false, ErrorPhase.Submit, 409, "A job of this id exists with another spec.", "Choose another id, or submit the same spec."),
        new(ErrorCode.JobNotFound, false, ErrorPhase.Control, 404, "No job has this id.", "Check the id; `list` shows those that are kept."),
        new(ErrorCode.MaxConcurrentJobs, true, ErrorPhase.Place, 429, "The number of concurrent jobs is reached.", "Wait for others to end, or raise the limit."),
        new(ErrorCode.ImageNotFound, false, ErrorPhase.Pull, 404, "The image does not exist, or its registry does not let it be read.", "Check the image's name and tag, that it was pushed, and the login at its registry."),
        new(ErrorCode.ImageInvalid, false, ErrorPhase.Pull, 422, "The image is not usable.", "Check the reference, or build and push the image again."),
        new(ErrorCode.ImageNotCompatible, false, ErrorPhase.Pull, 422, "The image is for another platform.", "Use an image for the workers' platform, or constrain the job to workers that fit."),
        new(ErrorCode.InvalidJobSpec, false, ErrorPhase.Submit, 422, "The job spec is wrong.", "Correct the fields named and submit again."),
        new(ErrorCode.NotAdmitted, false, ErrorPhase.Place, 403, "The pool does not allow what the spec asks.", "Drop the setting named, or use a pool that allows it."),
        new(ErrorCode.NoEligibleWorker, false, ErrorPhase.Place, 409, "No worker can take the job.", "Relax the constraint named, ask for less, or add a worker that fits."),
        new(ErrorCode.QueueTimeout, false, ErrorPhase.Place, 408, "No worker was free in time.", "Raise timeouts.queue, add workers, or ask for less; `why` shows what was missing."),
        new(ErrorCode.WorkerLost, true, ErrorPhase.Run, 502, "The worker went away while it had the job.", "See the worker's host; raise retry.workerLost.max to try more often."),
        new(ErrorCode.WorkerUnreachable, true, ErrorPhase.Send, 502, "The worker did not take the job in time.", "See whether the worker runs and reaches Temporal."),
        new(ErrorCode.StaleLease, false, ErrorPhase.Send, 409, "The lease is no longer this worker's.", "Nothing: another attempt has the job."),
        new(ErrorCode.PullFailed, true, ErrorPhase.Pull, 502, "The image could not be fetched.", "See the image registry; raise retry.pull.max to try more often."),
        new(ErrorCode.InitFailed, false, ErrorPhase.Init, 422, "An init step failed.", "See the step's output."),
        new(ErrorCode.StartFailed, false, ErrorPhase.Start, 422, "The workload could not be started.", "Check command, workingDir and user against what the image or host has."),
        new(ErrorCode.ExecutionTimeout, false, ErrorPhase.Run, 408, "The run deadline passed.", "Raise timeouts.run, or extend the job while it runs."),
        new(ErrorCode.OutOfMemory, false, ErrorPhase.Run, 422, "The workload used more memory than it has.", "Raise resources.memory, or set retry.outOfMemory with a memoryFactor."),
        new(ErrorCode.NonZeroExit, false, ErrorPhase.Run, 422, "The workload ended with a code that is no success.", "See its log; list other codes in exit.success, or set exit.nonZero to data."),
        new(ErrorCode.Cancelled, false, ErrorPhase.Control, 409, "The job was stopped.", "Submit it again under another id to run it once more."),
        new(ErrorCode.Poisoned, false, ErrorPhase.Run, 422, "Several workers died while they ran this job.", "See what the job does to its host before it is run again."),
        new(ErrorCode.RegistryUnavailable, true, ErrorPhase.Place, 503, "The registry does not answer.", "See the server and its database; the job waits."),
        new(ErrorCode.RuntimeUnavailable, true, ErrorPhase.Create, 503, "The container runtime does not answer.", "See the runtime on the worker's host."),
        new(ErrorCode.CannotResume, false, ErrorPhase.Submit, 409, "The job cannot be resumed.", "Submit it anew."),
        new(ErrorCode.InternalError, false, ErrorPhase.Run, 500, "Dispatch itself failed.", "Report it, with the job's operations and the log of the role named."),
    }.ToFrozenDictionary(entry => entry.Code);

    /// <summary>All lines, in the order of the codes.</summary>
    public static IReadOnlyList<ErrorEntry> All { get; } = [.. Enum.GetValues<ErrorCode>().Select(code => Entries[code])];

    /// <summary>The line of one code.</summary>
    /// <param name="code">A code of the catalogue.</param>
    /// <returns>Its line.</returns>
    public static ErrorEntry Of(ErrorCode code) => Entries[code];

    /// <summary>Reads a code from the name that stands in failures, problems and texts.</summary>
    /// <param name="name">The name, exact.</param>
    /// <returns>The code; <see cref="ErrorCode.InternalError"/> for a name the catalogue does not have.</returns>
    public static ErrorCode Parse(string? name) =>
        Enum.TryParse<ErrorCode>(name, ignoreCase: false, out var code) && code.ToString() == name ? code : ErrorCode.InternalError;
}
