using Dispatch.Contracts.Ids;
using Dispatch.Registry.Postgres.Slices;

namespace Dispatch.Registry.Postgres.Running;

/// <summary>A statement that waits for its batch.</summary>
/// <param name="keys">Adds the rows it needs, as far as is known before.</param>
internal abstract class QueuedStatement(Action<SliceKeys> keys)
{
    private LeaseId? lease;

    /// <summary>Whether nobody waits for it any more; one that is not begun is left out.</summary>
    public bool Abandoned { get; set; }

    public void AddKeys(SliceKeys all) => keys(all);

    /// <summary>The lease that it grants: the same, however often it is decided.</summary>
    public LeaseId Lease(Func<LeaseId> newLease) => lease ??= newLease();

    /// <summary>Decides; what is answered is kept until it is in force.</summary>
    public abstract void Decide(SliceBook book);

    public abstract void Complete();

    public abstract void Fail(Exception error);
}

/// <summary>A statement with its answer.</summary>
/// <typeparam name="T">The answer.</typeparam>
/// <param name="keys">Adds the rows it needs.</param>
/// <param name="decide">The statement.</param>
internal sealed class QueuedStatement<T>(Action<SliceKeys> keys, Func<SliceBook, T> decide) : QueuedStatement(keys)
{
    private readonly TaskCompletionSource<T> answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? answer;

    public Task<T> Answer => answered.Task;

    public override void Decide(SliceBook book) => answer = decide(book);

    public override void Complete() => answered.TrySetResult(answer!);

    public override void Fail(Exception error) => answered.TrySetException(error);
}
