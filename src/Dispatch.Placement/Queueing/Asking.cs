namespace Dispatch.Placement.Queueing;

/// <summary>A workflow that asks for a waiting job right now: whoever places the job meanwhile need not nudge it.</summary>
/// <remarks>The lock decides between the two: an offer made while it is held is either seen by the asker's last look, or nudged.</remarks>
internal sealed class Asking : IDisposable
{
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Whether the asker has had its last look; owned by the lock.</summary>
    public bool Finished { get; set; }

    public Task EnterAsync(CancellationToken cancellationToken) => turn.WaitAsync(cancellationToken);

    public void Leave() => turn.Release();

    public void Dispose() => turn.Dispose();
}
