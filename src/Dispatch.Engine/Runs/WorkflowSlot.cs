using Dispatch.Engine.History;

namespace Dispatch.Engine.Runs;

/// <summary>
/// All runs of one workflow id. Whatever happens to them happens here, one turn at a time: decide, write to the journal, apply. Effects and
/// answers come after the journal has the transaction, in its order.
/// </summary>
internal sealed class WorkflowSlot(WorkflowKey key, RunEngine engine)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Run> runs = [];
    private readonly Queue<Commit> unreleased = new();
    private bool isReleasing;
    private bool isRetired;

    public WorkflowKey Key { get; } = key;

    /// <summary>Read only inside a turn.</summary>
    public Run? Current { get; private set; }

    public Run? Find(string runId) => runs.GetValueOrDefault(runId);

    /// <summary>Looks without changing anything.</summary>
    public T Read<T>(Func<Turn, T> look)
    {
        lock (gate)
        {
            return look(engine.NewTurn(this));
        }
    }

    /// <summary>Decides something and waits until it is durable and its effects are done.</summary>
    public async ValueTask<T> ChangeAsync<T>(Func<Turn, T> decide)
    {
        var (isDone, result, commit) = TryDecide(decide);
        if (!isDone)
        {
            // The last run was forgotten while the caller was on its way here.
            return await engine.Slot(Key).ChangeAsync(decide).ConfigureAwait(false);
        }

        if (commit is not null)
        {
            await ReleaseAsync(commit).ConfigureAwait(false);
        }

        return result!;
    }

    /// <summary>A run's deadline has come. Called by the pump.</summary>
    public void OnDeadline(Run run) => engine.Detach(async () => await WakeAsync(run).ConfigureAwait(false));

    /// <summary>Does what is due of a run. The run may have gone on since it was woken: what was due then says nothing.</summary>
    public ValueTask<bool> WakeAsync(Run run) => ChangeAsync(turn =>
    {
        if (engine.NextDeadline(run.State) is { } due && due > turn.Now)
        {
            // Nothing may have changed that would set it again.
            engine.Pump.Set(run.Deadline, due);
        }
        else if (run.State.IsOpen)
        {
            Deadlines.Fire(turn.Decide(run));
        }
        else
        {
            Forget(run);
        }

        return true;
    });

    /// <summary>Forgets a closed run.</summary>
    public ValueTask<bool> ForgetAsync(Run run) => ChangeAsync(_ =>
    {
        Forget(run);
        return true;
    });

    private (bool IsDone, T? Result, Commit? Commit) TryDecide<T>(Func<Turn, T> decide)
    {
        lock (gate)
        {
            if (isRetired)
            {
                return (false, default, null);
            }

            var turn = engine.NewTurn(this);
            var result = decide(turn);
            return (true, result, Apply(turn.Seal()));
        }
    }

    private Commit? Apply(IReadOnlyList<RunWrite> writes)
    {
        if (writes.Count == 0)
        {
            return null;
        }

        var commit = new Commit(engine.Journal.AppendAsync(new Transaction(Key, writes)), writes);
        foreach (var write in writes)
        {
            if (write.IsNew)
            {
                Current = new Run(write.State, this);
                runs.Add(write.State.RunId, Current);
            }

            var run = runs[write.State.RunId];
            var closes = run.State.IsOpen && !write.State.IsOpen;
            run.Apply(write);
            if (closes)
            {
                engine.OnClosed(this, run);
            }

            engine.Pump.Set(run.Deadline, engine.NextDeadline(write.State));
        }

        unreleased.Enqueue(commit);
        return commit;
    }

    /// <summary>Does the effects of commits in their order, whoever made them; comes back when those of this one are done.</summary>
    private async ValueTask ReleaseAsync(Commit mine)
    {
        bool releases;
        lock (gate)
        {
            releases = !isReleasing && !mine.Released.Task.IsCompleted;
            isReleasing |= releases;
        }

        if (releases)
        {
            // Not awaited: it may go on with commits that others have made meanwhile. It tells each of them how it went.
            _ = ReleaseAllAsync();
        }

        await mine.Released.Task.ConfigureAwait(false);
    }

    private async Task ReleaseAllAsync()
    {
        while (true)
        {
            Commit next;
            lock (gate)
            {
                if (!unreleased.TryDequeue(out var oldest))
                {
                    isReleasing = false;
                    return;
                }

                next = oldest;
            }

            try
            {
                await next.Durable.ConfigureAwait(false);
                foreach (var write in next.Writes)
                {
                    foreach (var effect in write.Effects)
                    {
                        engine.Effects.Do(this, write.State, effect);
                    }
                }

                next.Released.TrySetResult();
            }
#pragma warning disable CA1031 // Whoever made the commit is told; those that come after it must not wait for ever.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                next.Released.TrySetException(failure);
            }
        }
    }

    private void Forget(Run run)
    {
        if (!runs.Remove(run.State.RunId))
        {
            return;
        }

        engine.Pump.Set(run.Deadline, null);
        if (ReferenceEquals(Current, run))
        {
            Current = null;
        }

        isRetired = runs.Count == 0;
        engine.OnForgotten(this, run.State, isRetired);
    }

    private sealed class Commit(Task durable, IReadOnlyList<RunWrite> writes)
    {
        public Task Durable { get; } = durable;

        public IReadOnlyList<RunWrite> Writes { get; } = writes;

        /// <summary>Completes when the effects are done.</summary>
        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
