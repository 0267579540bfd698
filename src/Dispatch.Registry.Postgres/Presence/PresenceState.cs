using Dispatch.Contracts.Errors;

namespace Dispatch.Registry.Postgres.Presence;

/// <summary>
/// Whether this process is in. While it is not, it neither reads nor writes: others may have changed what all go by. Written by the loop that comes in; whoever calls waits
/// while it does, and is told why where it cannot.
/// </summary>
internal sealed class PresenceState
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource current = Pending();

    /// <summary>Ends when the process is in; throws where it cannot be.</summary>
    public Task Entered => current.Task;

    /// <summary>Fails when the process may never be in again.</summary>
    public Task Ended => ended.Task;

    /// <summary>It is in.</summary>
    public void Enter() => (current.Task.IsCompleted ? current = Pending() : current).TrySetResult();

    /// <summary>It is out, and comes in again at once.</summary>
    public void Leave()
    {
        if (current.Task.IsCompletedSuccessfully) current = Pending();
    }

    /// <summary>It is out, and could not come in.</summary>
    public void Fail(DispatchException why)
    {
        var failed = current.Task.IsCompleted ? Pending() : current;
        failed.TrySetException(why);
        _ = failed.Task.Exception;
        current = failed;
    }

    /// <summary>It may never come in again.</summary>
    public void End(DispatchException why)
    {
        Fail(why);
        ended.TrySetException(why);
        _ = ended.Task.Exception;
    }

    private static TaskCompletionSource Pending() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
