using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Placement.Queueing;
using Dispatch.Registry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Routing;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement.Placing;

/// <summary>Answers the asks of workflows: the shell around routers and registry.</summary>
internal sealed partial class Placer(
    IRegistry registry, PoolQueues queues, QueueTurn turns, IRunStatus runs, PlacementOptions options, TimeProvider time, ILogger<Placer> logger)
    : IPlacer, IPlacementExplainer
{
    private const int AdoptionsMax = 3;

    private readonly AskReader reader = new(queues);

    public async Task<PlaceAnswer> PlaceAsync(PlaceAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        try
        {
            var reading = reader.Read(ask);
            if (reading.Statement is not { } statement) return reading.Refusal!;
            if (reading.Refusal is { } refusal && !await HasLeaseAsync(ask, cancellationToken).ConfigureAwait(false)) return refusal;
            return await AskAsync(reading.Queue!, statement, cancellationToken).ConfigureAwait(false);
        }
        catch (DispatchException error) when (error.Code == ErrorCode.RegistryUnavailable)
        {
            return PlaceAnswers.Unavailable(ask.Attempt, error.Message);
        }
    }

    public Task SettleAsync(Settlement settlement, CancellationToken cancellationToken) => registry.SettleAsync(settlement, cancellationToken);

    private async Task<PlaceAnswer> AskAsync(PoolQueue queue, AskStatement statement, CancellationToken cancellationToken)
    {
        var ask = statement.Ask;
        for (var adoptions = 0; ; adoptions++)
        {
            var outcome = await AskWithOfferAsync(queue, statement, cancellationToken).ConfigureAwait(false);
            switch (outcome.Kind)
            {
                case AskKind.Row when outcome.Row!.Queued:
                    return await SeekAsync(queue, outcome.Row, cancellationToken).ConfigureAwait(false);
                case AskKind.Row:
                    return PlaceAnswers.Of(outcome.Row!, outcome.RenewedAt, ask.Final);
                case AskKind.QueueFull:
                    return PlaceAnswers.Refused(ask.Attempt, ErrorCode.MaxConcurrentJobs, $"Pool {queue.Pool.Name} has {queue.Pool.WaitingMax} waiting jobs, which is its limit.");
                case AskKind.StaleRun:
                    return Stale(ask);
                case AskKind.RunUnknown when adoptions >= AdoptionsMax:
                    return PlaceAnswers.Unavailable(ask.Attempt, $"Runs of job {ask.Job} follow each other too fast to tell which is current.");
                case AskKind.RunUnknown:
                    if (await AdoptAsync(ask, outcome.CurrentRun!, cancellationToken).ConfigureAwait(false) is { } answer) return answer;
                    break;
                default:
                    throw new InvalidOperationException($"No answer for {outcome.Kind}.");
            }
        }
    }

    /// <summary>An ask of a run that the row does not know counts once Temporal says that it is the current one.</summary>
    private async Task<PlaceAnswer?> AdoptAsync(PlaceAsk ask, string expected, CancellationToken cancellationToken)
    {
        RunDescription run;
        try
        {
            run = await runs.DescribeAsync(ask.Job, ask.RunId, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever kept Temporal from answering, the workflow asks again; the reason is in the answer.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return PlaceAnswers.Unavailable(ask.Attempt, $"Temporal could not be asked whether run {ask.RunId} is current: {error.Message}");
        }

        if (run.Standing != RunStanding.Open) return Stale(ask);
        await registry.AdoptRunAsync(new RunAdoption(ask.Job, ask.Conversation, ask.RunId, expected), cancellationToken).ConfigureAwait(false);
        LogAdopted(ask.Job.Value, ask.RunId, expected);
        return null;
    }

    /// <summary>A job in the queue seeks its worker at once: where nobody who ranks before it could use the room.</summary>
    private async Task<PlaceAnswer> SeekAsync(PoolQueue queue, JobRow row, CancellationToken cancellationToken)
    {
        var asking = queue.Ask(row);
        try
        {
            var answer = await TryPlaceAsync(queue, row, cancellationToken).ConfigureAwait(false);
            if (answer.Kind != PlaceAnswerKind.Waiting) return answer;
            await asking.EnterAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                // Whoever offers after this look nudges.
                var now = await FindAsync(row, cancellationToken).ConfigureAwait(false);
                asking.Finished = true;
                return now is null || now.State == LeaseState.Waiting ? answer : PlaceAnswers.Of(now, renewedAt: null, final: false);
            }
            finally
            {
                asking.Leave();
            }
        }
        finally
        {
            queue.Asked(row);
        }
    }

    private async Task<PlaceAnswer> TryPlaceAsync(PoolQueue queue, JobRow row, CancellationToken cancellationToken)
    {
        var rank = QueueRank.Of(row);
        for (var race = 0; race <= options.RacesMax; race++)
        {
            var candidates = await registry.CandidatesAsync(queue.Pool.Name, cancellationToken).ConfigureAwait(false);
            var before = await LookAheadAsync(queue, row, rank, candidates, cancellationToken).ConfigureAwait(false);
            if (before.TurnTaken)
            {
                if (await FindAsync(row, cancellationToken).ConfigureAwait(false) is { State: not LeaseState.Waiting } moved) return PlaceAnswers.Of(moved, renewedAt: null, final: false);
                candidates = await registry.CandidatesAsync(queue.Pool.Name, cancellationToken).ConfigureAwait(false);
            }

            if (queue.TroubleOf(row, time.GetUtcNow()) is { } trouble) return Troubled(row, trouble);
            var request = RequestFor(queue, row, candidates, rank);
            var (routed, error) = await RouteAsync(queue, row.Job, row.Conversation, row.Revision, request, cancellationToken).ConfigureAwait(false);
            if (error is not null) return Troubled(row, error);
            if (routed!.Chosen is not { } chosen) return NoRoom(queue, row, request, routed, candidates.Version, isHead: !before.SameShape);
            if (before.SameShape) return PlaceAnswers.Waiting(row, "Waits for its turn: jobs with equal requirements rank before it.", routed.Explanation);
            var outcome = await registry.OfferAsync(OfferOf(queue, row, chosen, routed.Explanation), cancellationToken).ConfigureAwait(false);
            if (outcome.Kind == OfferKind.Offered) return PlaceAnswers.Of(outcome.Row!, renewedAt: null, final: false);
            if (outcome.Kind == OfferKind.JobChanged)
            {
                return await FindAsync(row, cancellationToken).ConfigureAwait(false) is { } changed
                    ? PlaceAnswers.Of(changed, renewedAt: null, final: false)
                    : PlaceAnswers.Waiting(row, PlaceAnswers.WaitsFor(row), explanation: null);
            }
        }

        return PlaceAnswers.Waiting(row, $"Lost the race for a worker's room {options.RacesMax + 1} times in a row; it is placed as soon as a worker has room.", explanation: null);
    }

    /// <summary>Whether jobs that rank before this one wait: where it is not known that they do not fit, the queue has its turn first.</summary>
    private async Task<(bool TurnTaken, bool SameShape)> LookAheadAsync(
        PoolQueue queue, JobRow row, QueueRank rank, PoolCandidates candidates, CancellationToken cancellationToken)
    {
        if (candidates.Queued <= 1) return (false, false);
        var now = time.GetUtcNow();
        var (sameShape, untried) = await AheadAsync(queue, row, rank, candidates.Version, now, cancellationToken).ConfigureAwait(false);
        if (!untried) return (false, sameShape);
        using var limit = new CancellationTokenSource(options.TurnWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await turns.TakeAsync(queue, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The turn is somebody else's and takes long: this job waits in the queue like the others.
            return (true, true);
        }

        (sameShape, untried) = await AheadAsync(queue, row, rank, candidates.Version, now, cancellationToken).ConfigureAwait(false);
        return (true, sameShape);
    }

    private async Task<(bool SameShape, bool Untried)> AheadAsync(
        PoolQueue queue, JobRow row, QueueRank rank, long version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (sameShape, untried) = (false, false);
        foreach (var shape in await registry.HeadsAsync(queue.Pool.Name, 1 + queue.TroubledCount, cancellationToken).ConfigureAwait(false))
        {
            var head = shape.Heads.FirstOrDefault(one => queue.TroubleOf(one, now) is null);
            if (head is null || QueueRank.Of(head) >= rank) continue;
            sameShape |= string.Equals(shape.Shape, row.Shape, StringComparison.Ordinal);
            untried |= !queue.FitsNowhere(shape.Shape, version);
        }

        return (sameShape, untried);
    }

    private async Task<(RoutingResult? Result, string? Error)> RouteAsync(
        PoolQueue queue, JobId job, ConversationId conversation, int revision, RoutingRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.RouterWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string error;
        try
        {
            var routed = await queue.Router.RouteAsync(request, either.Token).ConfigureAwait(false);
            if (routed.Error is null || routed.Busy) return (routed.Result, routed.Error);
            error = routed.Error;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            error = $"router {queue.Router.Label} did not answer within {options.RouterWait.TotalSeconds:0.#} s";
        }

        queue.NoteTrouble(job, conversation, revision, error, time.GetUtcNow());
        LogRouterFailed(job.Value, error);
        return (null, error);
    }

    private static PlaceAnswer NoRoom(PoolQueue queue, JobRow row, RoutingRequest request, RoutingResult routed, long version, bool isHead)
    {
        if (isHead) queue.NoteFitsNowhere(row.Shape, version);
        var summary = routed.Explanation?.Summary ?? "No worker can take the job now.";
        var fits = Placeability.FitsSomewhere(request);
        if (!fits && queue.Pool.NoEligible == Registry.Pools.NoEligible.Fail)
            return PlaceAnswers.Refused(row.Attempt, ErrorCode.NoEligibleWorker, summary) with { Explanation = routed.Explanation };
        return PlaceAnswers.Waiting(row, fits ? summary : $"No worker of pool {queue.Pool.Name} fits the job, even idle. {summary}", routed.Explanation);
    }

    private static PlaceAnswer Troubled(JobRow row, string error) =>
        PlaceAnswers.Waiting(row, $"This placement failed: {error}. It is tried again after a pause.", explanation: null);

    private static PlaceAnswer Stale(PlaceAsk ask) =>
        PlaceAnswers.Refused(ask.Attempt, ErrorCode.StaleLease, $"Run {ask.RunId} is not the current run of job {ask.Job}.");

    private static OfferStatement OfferOf(PoolQueue queue, JobRow row, CandidateView chosen, PlacementExplanation? explanation) => new()
    {
        Job = row.Job,
        Conversation = row.Conversation,
        Revision = row.Revision,
        Worker = chosen.Worker,
        Incarnation = chosen.Incarnation,
        Router = queue.Router.Label,
        Profile = queue.Pool.Profile,
        Explanation = explanation,
    };

    private RoutingRequest RequestFor(PoolQueue queue, JobRow row, PoolCandidates candidates, QueueRank rank) => new()
    {
        Job = row.Facts,
        Candidates = candidates.Candidates,
        Excluded = row.Excluded,
        Reservations = queue.ReservedBefore(rank),
        Seed = RoutingSeed.Of(row),
        Turn = queue.NextTurn(),
        Now = time.GetUtcNow(),
        Explain = true,
    };

    private async Task<JobRow?> FindAsync(JobRow row, CancellationToken cancellationToken) =>
        await registry.FindJobAsync(row.Job, cancellationToken).ConfigureAwait(false) is { } found && found.Conversation == row.Conversation ? found : null;

    private async Task<bool> HasLeaseAsync(PlaceAsk ask, CancellationToken cancellationToken) =>
        await registry.FindJobAsync(ask.Job, cancellationToken).ConfigureAwait(false) is { Grant: not null } row && row.Conversation == ask.Conversation;

    [LoggerMessage(EventId = 4031, Level = LogLevel.Information, Message = "Job {Job}: run {RunId} has taken over from run {Earlier}.")]
    private partial void LogAdopted(string job, string runId, string earlier);

    [LoggerMessage(EventId = 4032, Level = LogLevel.Error, Message = "Job {Job} could not be placed: {Error}")]
    private partial void LogRouterFailed(string job, string error);
}
