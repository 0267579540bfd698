using Dispatch.Contracts.Placing;

namespace Dispatch.Registry.Leases;

/// <summary>The life of a job's leases as pure statements: (state, statement, now) → new state, or a refusal. Asks and runs are here.</summary>
public static partial class JobLife
{
    /// <summary>One ask of a workflow. It is idempotent: a repeat finds what it did; a lower number changes nothing.</summary>
    /// <param name="state">The job as it is; null where the registry does not know it.</param>
    /// <param name="statement">The ask.</param>
    /// <param name="fenceFloor">The fence that a job new to the registry starts above.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then (null where nothing was made), and the answer.</returns>
    public static (JobState? State, AskOutcome Outcome) Ask(JobState? state, AskStatement statement, long fenceFloor, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var ask = statement.Ask;
        state ??= new JobState { Job = ask.Job, RunId = ask.RunId, Fence = fenceFloor };
        if (state.OlderRuns.Contains(ask.RunId, StringComparer.Ordinal)) return (state, new(AskKind.StaleRun, state.RowOf(ask.Conversation)));
        if (!string.Equals(state.RunId, ask.RunId, StringComparison.Ordinal)) return (state, new(AskKind.RunUnknown, CurrentRun: state.RunId));
        var row = state.RowOf(ask.Conversation);
        if (row is not null && (ask.Ask < row.Ask || row.SettledAt is not null)) return (state, new(AskKind.Row, row));
        row = row is null ? Open(statement, now) : Asked(row, statement, now);
        if (row.State == LeaseState.Waiting) row = row with { BlockedBy = BlockerOf(state, row) };
        return (state.With(row), new(AskKind.Row, row));
    }

    /// <summary>A run that Temporal says is current takes over: older runs are refused from then on, what they left in the queue or offered ends.</summary>
    /// <param name="state">The job.</param>
    /// <param name="adoption">The run.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The job as it is then; unchanged where another run has taken over since.</returns>
    public static JobState Adopt(JobState state, RunAdoption adoption, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(adoption);
        if (!string.Equals(state.RunId, adoption.Expected, StringComparison.Ordinal)) return state;
        var older = state.OlderRuns.Remove(adoption.RunId).Add(state.RunId);
        if (older.Length > JobState.OlderRunsMax) older = older.RemoveAt(0);
        var adopted = state with { RunId = adoption.RunId, OlderRuns = older };
        foreach (var row in state.Rows)
        {
            adopted = adopted.With(row.Conversation == adoption.Conversation
                ? Inherited(row) with { RunId = adoption.RunId, Ask = 0, Revision = row.Revision + 1, SettledAt = null, Reason = null, ClosedBy = null, ChangedAt = now }
                : LeaveQueue(row, now));
        }

        return adopted;
    }

    /// <summary>The new run's history has no <c>RunContainer</c> of the earlier run's lease, whose worker may have heartbeaten until just now:
    /// that witness is waited for here, as another conversation would.</summary>
    private static JobRow Inherited(JobRow row) => row.Live || row.MayRun ? row with { BlockedBy = row.Grant!.Lease } : row;

    private static JobRow Open(AskStatement statement, DateTimeOffset now)
    {
        var ask = statement.Ask;
        var row = new JobRow
        {
            Job = ask.Job,
            Conversation = ask.Conversation,
            RunId = ask.RunId,
            Ask = ask.Ask,
            Facts = statement.Facts,
            Shape = statement.Shape,
            SpecJson = ask.SpecJson,
            SpecDigest = ask.SpecDigest,
            QueuedAt = ask.QueuedAt,
            Attempt = ask.Attempt,
            ChangedAt = now,
        };
        return ask.Final
            ? row with { State = LeaseState.Returned, Ended = true, EndedAt = now }
            : Wish(row, statement, now) with { WaitingSince = now };
    }

    private static JobRow Asked(JobRow row, AskStatement statement, DateTimeOffset now)
    {
        var ask = statement.Ask;
        row = row with { Ask = ask.Ask, Revision = row.Revision + 1, NudgeDue = false, ChangedAt = now };
        if (ask.GiveBack is { } given && row.State == LeaseState.Offered && row.Grant!.Lease == given) row = Unstarted(row, now);
        if (ask.Final) return Finish(row, now);
        if (row.State == LeaseState.Waiting) return Wish(row with { Attempt = Math.Max(row.Attempt, ask.Attempt) }, statement, now);
        if (row.Grant is null) return Await(row, Math.Max(row.Attempt, ask.Attempt), statement, now);
        if (ask.Attempt > row.Attempt && MayBeSuperseded(row, ask)) return Await(row, ask.Attempt, statement, now);
        return row with { NudgeWanted = row.State == LeaseState.Held || row.StillInherited };
    }

    /// <summary>Only what the asker has seen is passed over: an outcome that it has not seen is the answer.</summary>
    private static bool MayBeSuperseded(JobRow row, PlaceAsk ask) => row.State switch
    {
        LeaseState.Expired => !row.StillInherited,
        LeaseState.Returned => ask.SeenReturned == row.Grant!.Lease || (ask.GiveBack == row.Grant.Lease && !row.HasOutcome),
        _ => false,
    };

    /// <summary>The next attempt waits; the lease before it can never live again, as the row does not have it any more.</summary>
    private static JobRow Await(JobRow row, int attempt, AskStatement statement, DateTimeOffset now) => Wish(
        row with
        {
            Attempt = attempt,
            State = LeaseState.Waiting,
            Grant = null,
            Ended = false,
            Expiries = 0,
            Activity = null,
            Message = null,
            StartedAt = null,
            Outcome = null,
            Failure = null,
            EndedAt = null,
            WaitingSince = now,
        },
        statement,
        now);

    private static JobRow Wish(JobRow row, AskStatement statement, DateTimeOffset now) => row with
    {
        Facts = statement.Facts,
        Shape = statement.Shape,
        Priority = statement.Ask.Priority,
        Excluded = [.. statement.Ask.Excluded],
        Paused = statement.Ask.Paused,
        WaitingSince = row.Paused && !statement.Ask.Paused ? now : row.WaitingSince,
        NudgeWanted = true,
    };

    private static JobRow Finish(JobRow row, DateTimeOffset now) => row.State switch
    {
        LeaseState.Waiting or LeaseState.Offered => LeaveQueue(row, now) with { Ended = true },
        LeaseState.Held => row with { NudgeWanted = true },
        LeaseState.Expired when row.StillInherited => row with { NudgeWanted = true },
        _ => row with { Ended = true, NudgeWanted = false },
    };

    /// <summary>Anyone may end what no worker has taken: the place in the queue, and an offer.</summary>
    private static JobRow LeaveQueue(JobRow row, DateTimeOffset now) => row.State switch
    {
        LeaseState.Waiting => row with { State = LeaseState.Returned, BlockedBy = null, NudgeWanted = false, Revision = row.Revision + 1, EndedAt = now, ChangedAt = now },
        LeaseState.Offered => Unstarted(row, now),
        _ => row,
    };

    private static JobRow Unstarted(JobRow row, DateTimeOffset now) =>
        row with { State = LeaseState.Returned, BlockedBy = null, NudgeWanted = false, EndedAt = now, ChangedAt = now };

    /// <summary>The lease of another conversation that may still run: it is waited for.</summary>
    private static Contracts.Ids.LeaseId? BlockerOf(JobState state, JobRow row)
    {
        foreach (var other in state.Rows)
        {
            if (other.Conversation != row.Conversation && other.MayRun) return other.Grant!.Lease;
        }

        return null;
    }
}
