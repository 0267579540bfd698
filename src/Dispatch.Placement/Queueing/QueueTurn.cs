using System.Collections.Immutable;
using Dispatch.Contracts.Placing;
using Dispatch.Registry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Loops;
using Dispatch.Registry.Queue;
using Dispatch.Routing;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement.Queueing;

/// <summary>One turn of a pool's queue: the heads of all shapes, by rank, get what is free. A head that fits nowhere holds back its own shape only.</summary>
internal sealed class QueueTurn(IRegistry registry, PlacementOptions options, TimeProvider time, ILogger<QueueTurn> logger)
{
    private readonly LeftAlone left = new(time, logger);

    /// <summary>Takes a turn: until nothing that waits fits, or so many are placed that newcomers should have theirs.</summary>
    /// <returns>How many were placed, and whether there may be more to place.</returns>
    public async Task<(int Placed, bool More)> TakeAsync(PoolQueue queue, CancellationToken cancellationToken)
    {
        await queue.Turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var placed = 0;
            while (placed < options.TurnMax)
            {
                var (more, again) = await LookAsync(queue, cancellationToken).ConfigureAwait(false);
                placed += more;
                if (!again) return (placed, false);
            }

            return (placed, true);
        }
        finally
        {
            queue.Turn.Release();
        }
    }

    private async Task<(int Placed, bool Again)> LookAsync(PoolQueue queue, CancellationToken cancellationToken)
    {
        var candidates = await registry.CandidatesAsync(queue.Pool.Name, cancellationToken).ConfigureAwait(false);
        if (candidates.Queued == 0)
        {
            queue.Keep([]);
            queue.Reserve([]);
            return (0, false);
        }

        var perShape = options.HeadsPerShape + queue.TroubledCount;
        var shapes = await registry.HeadsAsync(queue.Pool.Name, perShape, cancellationToken).ConfigureAwait(false);
        queue.Keep(shapes.Select(shape => shape.Shape).ToHashSet(StringComparer.Ordinal));
        var look = new Look(candidates, queue.Reservations);
        foreach (var shape in shapes) look.Waiting.Enqueue(new ShapeCursor(shape), QueueRank.Of(shape.Heads[0]));
        while (look.Waiting.TryDequeue(out var cursor, out _))
        {
            if (look.Placed >= options.TurnMax) return (look.Placed, true);
            var step = await StepOrLeaveAsync(queue, look, cursor, cancellationToken).ConfigureAwait(false);
            if (step == Step.ShapeDone) continue;
            if (cursor.Next()) look.Waiting.Enqueue(cursor, QueueRank.Of(cursor.Row));
            else look.Unseen |= cursor.HasUnseen && step == Step.Placed;
        }

        var reservationGone = queue.Reserve(look.Reservations);
        return (look.Placed, look.Unseen || reservationGone);
    }

    /// <summary>A job for which it cannot be done is left alone for a while, and whoever asks for it is told why.</summary>
    private async Task<Step> StepOrLeaveAsync(PoolQueue queue, Look look, ShapeCursor cursor, CancellationToken cancellationToken)
    {
        try
        {
            return await StepAsync(queue, look, cursor, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (LeftAlone.Is(error))
        {
            left.Tell($"Job {cursor.Row.Job} gets no worker for {options.TroublePause.TotalSeconds:0} s", error);
            queue.NoteTrouble(cursor.Row, error.Message, time.GetUtcNow());
            return Step.RowDone;
        }
    }

    private async Task<Step> StepAsync(PoolQueue queue, Look look, ShapeCursor cursor, CancellationToken cancellationToken)
    {
        var row = cursor.Row;
        var now = time.GetUtcNow();
        if (queue.TroubleOf(row, now) is not null) return Step.RowDone;
        for (var race = 0; race <= options.RacesMax; race++)
        {
            var request = RequestFor(queue, look, row, now);
            if (queue.FitsNowhere(row.Shape, look.Candidates.Version))
            {
                Reserve(queue, look, row, request, now);
                return Step.ShapeDone;
            }

            var routed = await queue.Router.RouteAsync(request, cancellationToken).ConfigureAwait(false);
            if (routed.Error is { } error)
            {
                // Whoever called before places the job, or says why not.
                if (!routed.Busy) queue.NoteTrouble(row, error, now);
                return Step.RowDone;
            }

            if (routed.Result.Chosen is null)
            {
                queue.NoteFitsNowhere(row.Shape, look.Candidates.Version);
                Reserve(queue, look, row, request, now);
                return Step.ShapeDone;
            }

            // Only what is recorded is explained.
            routed = await queue.Router.RouteAsync(request with { Explain = true }, cancellationToken).ConfigureAwait(false);
            if (routed.Result.Chosen is not { } chosen)
            {
                if (!routed.Busy) queue.NoteTrouble(row, routed.Error ?? $"router {queue.Router.Label} chose a worker and, asked the same again, none", now);
                return Step.RowDone;
            }

            var outcome = await OfferAsync(queue, row, chosen, routed.Result.Explanation, cancellationToken).ConfigureAwait(false);
            look.Candidates = await registry.CandidatesAsync(queue.Pool.Name, cancellationToken).ConfigureAwait(false);
            if (outcome.Kind == OfferKind.Offered)
            {
                look.Placed++;
                return Step.Placed;
            }

            if (outcome.Kind == OfferKind.JobChanged) return Step.RowDone;
        }

        return Step.RowDone;
    }

    private static RoutingRequest RequestFor(PoolQueue queue, Look look, JobRow row, DateTimeOffset now) => new()
    {
        Job = row.Facts,
        Candidates = look.Candidates.Candidates,
        Excluded = row.Excluded,
        Reservations = [.. look.Reservations.Select(one => one.Reservation)],
        Seed = RoutingSeed.Of(row),
        Turn = queue.NextTurn(),
        Now = now,
    };

    private async Task<OfferOutcome> OfferAsync(PoolQueue queue, JobRow row, CandidateView chosen, PlacementExplanation? explained, CancellationToken cancellationToken)
    {
        var offer = new OfferStatement
        {
            Job = row.Job,
            Conversation = row.Conversation,
            Revision = row.Revision,
            Worker = chosen.Worker,
            Incarnation = chosen.Incarnation,
            Router = queue.Router.Label,
            Profile = queue.Pool.Profile,
            Explanation = explained,
            Nudge = true,
        };
        if (queue.AskingFor(row) is not { } asking) return await registry.OfferAsync(offer, cancellationToken).ConfigureAwait(false);
        await asking.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await registry.OfferAsync(offer with { Nudge = asking.Finished }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            asking.Leave();
        }
    }

    /// <summary>A head that has waited long keeps the worker free where it will fit first; the worker it has kept so far, while that still serves.</summary>
    private void Reserve(PoolQueue queue, Look look, JobRow row, RoutingRequest request, DateTimeOffset now)
    {
        if (now - row.WaitingSince < queue.Pool.ReserveAfter || look.Reservations.Length >= options.ReservationsMax) return;
        var kept = look.Before.FirstOrDefault(one => one.Reservation.Holder == row.Job)?.Reservation.Worker;
        var only = kept is null ? null : request with { Candidates = [.. request.Candidates.Where(candidate => candidate.Worker == kept)] };
        var worker = (only is null ? null : Placeability.NearestFit(only)) ?? Placeability.NearestFit(request);
        if (worker is null) return;
        look.Reservations = look.Reservations.Add(new(new Reservation(worker.Worker, row.Job, row.WaitingSince), QueueRank.Of(row)));
    }

    private enum Step
    {
        Placed,
        RowDone,
        ShapeDone,
    }

    private sealed class Look(PoolCandidates candidates, ImmutableArray<RankedReservation> before)
    {
        public PoolCandidates Candidates { get; set; } = candidates;

        public ImmutableArray<RankedReservation> Before { get; } = before;

        public ImmutableArray<RankedReservation> Reservations { get; set; } = [];

        public PriorityQueue<ShapeCursor, QueueRank> Waiting { get; } = new();

        public int Placed { get; set; }

        /// <summary>Whether a shape has more waiting jobs than were looked at.</summary>
        public bool Unseen { get; set; }
    }

    private sealed class ShapeCursor(WaitingShape shape)
    {
        private int index;

        public JobRow Row => shape.Heads[index];

        public bool HasUnseen => shape.Waiting > shape.Heads.Count;

        public bool Next() => ++index < shape.Heads.Count;
    }
}
