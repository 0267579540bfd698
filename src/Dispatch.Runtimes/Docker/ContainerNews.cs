namespace Dispatch.Runtimes.Docker;

/// <summary>What the engine's events say of one container.</summary>
internal sealed class ContainerNews
{
    private readonly TaskCompletionSource<DateTimeOffset> _endedWell = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _startedTicks;
    private volatile bool _outOfMemory;

    /// <summary>When it was started; null where nothing was heard of it.</summary>
    public DateTimeOffset? StartedAt => Interlocked.Read(ref _startedTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>
    /// Ends with the time at which it ended with code 0 and no lack of memory. Of any other end nothing is told here: what brought it about shows only
    /// when the engine has done with it.
    /// </summary>
    public Task<DateTimeOffset> EndedWell => _endedWell.Task;

    /// <summary>Takes an event in.</summary>
    /// <param name="action">What happened: <c>start</c>, <c>oom</c> or <c>die</c>.</param>
    /// <param name="exitCode">The exit code that came with it, or null.</param>
    /// <param name="at">When, by the engine's clock.</param>
    public void Take(string action, string? exitCode, DateTimeOffset at)
    {
        switch (action)
        {
            case "start":
                Interlocked.Exchange(ref _startedTicks, at.UtcTicks);
                break;
            case "oom":
                _outOfMemory = true;
                break;
            case "die" when exitCode == "0" && !_outOfMemory:
                _endedWell.TrySetResult(at);
                break;
            default:
                break;
        }
    }
}
