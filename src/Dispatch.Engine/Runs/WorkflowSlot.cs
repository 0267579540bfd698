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
        T result;
        Commit? commit;
        lock (gate)
        {
            if (isRetired)
            {
                result = default!;
                commit = null;
            }
            else
            {
                var turn = engine.NewTurn(this);
                result = decide(turn);
                commit = Apply(turn.Seal());
            }
        }

        if (isRetired)
        {
            return await engine.Slot(Key).ChangeAsync(decide).ConfigureAwait(false);
        }

        if (commit is not null)
        {
            await ReleaseAsync(commit).ConfigureAwait(false);
        }

        return result;
    }

    /// <summary>A run's deadline has come. Called by the pump.</summary>
    public void OnDeadline(Run run) => engine.Detach(async () =>
        await ChangeAsync(turn =>
        {
            if (run.State.IsOpen)
            {
                Deadlines.Fire(turn.Decide(run));
                if (Deadlines.Next(run.State) is { } due && due > turn.Now)
                {
                    // Woken too early: nothing has changed that would set it again.
                    engine.Pump.Set(run.Deadline, due);
                }
            }
            else
            {
                Forget(run);
            }

            return true;
        }).ConfigureAwait(false));

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
            run.Apply(write);
            engine.Pump.Set(run.Deadline, engine.NextDeadline(write.State));
        }

        unreleased.Enqueue(commit);
        return commit;
    }

    /// <summary>Does the effects of commits in their order, whoever made them; comes back when those of this one are done.</summary>
    private async ValueTask ReleaseAsync(Commit mine)
    {
        lock (gate)
        {
            if (mine.IsReleased)
            {
                return;
            }

            mine.Waiting = isReleasing ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            isReleasing = true;
        }

        if (mine.Waiting is { } waiting)
        {
            await waiting.Task.ConfigureAwait(false);
            return;
        }

        while (true)
        {
            Commit next;
            lock (gate)
            {
                if (!unreleased.TryPeek(out var oldest))
                {
                    isReleasing = false;
                    return;
                }

                next = oldest;
            }

            await next.Durable.ConfigureAwait(false);
            foreach (var write in next.Writes)
            {
                foreach (var effect in write.Effects)
                {
                    engine.Effects.Do(this, write.State, effect);
                }
            }

            lock (gate)
            {
                unreleased.Dequeue();
                next.IsReleased = true;
                next.Waiting?.TrySetResult();
            }
        }
    }

    private void Forget(Run run)
    {
        runs.Remove(run.State.RunId);
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

        public TaskCompletionSource? Waiting { get; set; }

        public bool IsReleased { get; set; }
    }
}
