namespace Dispatch.Workers.Keeper;

/// <summary>Somebody takes a lease, or gives it back; who wants the same waits until this one has ended.</summary>
internal sealed class LeaseClaim : IDisposable
{
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action release;
    private volatile bool isNamed;

    internal LeaseClaim(Action release) => this.release = release;

    /// <summary>Ends with the claim.</summary>
    internal Task Ended => ended.Task;

    /// <summary>Whether renewals name the lease meanwhile: while it is being confirmed and is not kept yet.</summary>
    internal bool IsNamed
    {
        get => isNamed;
        set => isNamed = value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        release();
        ended.TrySetResult();
    }
}
