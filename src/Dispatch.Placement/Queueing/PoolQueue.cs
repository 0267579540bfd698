using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Queue;
using Dispatch.Routing;
using Dispatch.Routing.Guarding;

namespace Dispatch.Placement.Queueing;

/// <summary>What one placer remembers of a pool's queue between two looks. Losing it costs only time.</summary>
internal sealed class PoolQueue(PoolOptions pool, GuardedRouter router, PlacementOptions options)
{
    private readonly ConcurrentDictionary<string, long> tried = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(JobId, ConversationId), Trouble> troubled = [];
    private readonly ConcurrentDictionary<(JobId, ConversationId), Asking> asking = [];
    private ImmutableArray<RankedReservation> reservations = [];
    private long turn;

    public PoolOptions Pool { get; } = pool;

    public GuardedRouter Router { get; } = router;

    /// <summary>One turn of the queue at a time.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    public int TroubledCount => troubled.Count;

    /// <summary>What was chosen and is not yet in force.</summary>
    public ChosenRoom Chosen { get; } = new();

    public ImmutableArray<RankedReservation> Reservations => reservations;

    public long NextTurn() => Interlocked.Increment(ref turn);

    /// <summary>Whether the head of a shape was found not to fit, and nothing has become free since.</summary>
    public bool FitsNowhere(string shape, long version) => tried.TryGetValue(shape, out var at) && at == version;

    public void NoteFitsNowhere(string shape, long version) => tried[shape] = version;

    /// <summary>Forgets shapes that no job waits in.</summary>
    public void Keep(IReadOnlyCollection<string> shapes)
    {
        if (tried.Count <= shapes.Count) return;
        foreach (var shape in tried.Keys)
        {
            if (!shapes.Contains(shape)) tried.TryRemove(shape, out _);
        }
    }

    /// <summary>What a job's router did wrong a short while ago.</summary>
    public string? TroubleOf(JobRow row, DateTimeOffset now)
    {
        if (!troubled.TryGetValue((row.Job, row.Conversation), out var trouble)) return null;
        if (now < trouble.Until && trouble.Revision == row.Revision) return trouble.Error;
        if (now >= trouble.Until) troubled.TryRemove((row.Job, row.Conversation), out _);
        return now < trouble.Until ? trouble.Error : null;
    }

    public void NoteTrouble(JobRow row, string error, DateTimeOffset now) => NoteTrouble(row.Job, row.Conversation, row.Revision, error, now);

    public void NoteTrouble(JobId job, ConversationId conversation, int revision, string error, DateTimeOffset now)
    {
        if (troubled.Count >= options.TroubledMax)
        {
            foreach (var (key, trouble) in troubled)
            {
                if (now >= trouble.Until) troubled.TryRemove(key, out _);
            }
        }

        if (troubled.Count < options.TroubledMax) troubled[(job, conversation)] = new(error, now + options.TroublePause, revision);
    }

    public Asking Ask(JobRow row) => asking.GetOrAdd((row.Job, row.Conversation), static _ => new Asking());

    public Asking? AskingFor(JobRow row) => asking.GetValueOrDefault((row.Job, row.Conversation));

    public void Asked(JobRow row) => asking.TryRemove((row.Job, row.Conversation), out _);

    /// <summary>Puts the reservations of a turn in force. Where one is gone, what did not fit because of it is tried again.</summary>
    /// <returns>Whether one is gone.</returns>
    public bool Reserve(ImmutableArray<RankedReservation> now)
    {
        var gone = reservations.Any(one => !now.Any(other => other.Reservation.Worker == one.Reservation.Worker && other.Reservation.Holder == one.Reservation.Holder));
        reservations = now;
        if (gone) tried.Clear();
        return gone;
    }

    /// <summary>The workers kept free for jobs that rank before one.</summary>
    public Reservation[] ReservedBefore(QueueRank rank)
    {
        var all = reservations;
        return all.IsEmpty ? [] : [.. all.Where(one => one.Rank < rank).Select(one => one.Reservation)];
    }

    private sealed record Trouble(string Error, DateTimeOffset Until, int Revision);
}

/// <summary>A worker kept free, with the rank of the job it is kept for.</summary>
/// <param name="Reservation">The reservation.</param>
/// <param name="Rank">The holder's rank.</param>
internal sealed record RankedReservation(Reservation Reservation, QueueRank Rank);
