using Dispatch.Placement.Queueing;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Routing;

namespace Dispatch.Placement.Placing;

/// <content>Newcomers to a pool in which nobody waits: routed before they ask, and offered by their ask.</content>
internal sealed partial class Placer
{
    /// <summary>Asks, with an offer where one can be made at once. What it cannot be made for waits in the queue, and is placed from there.</summary>
    private async Task<AskOutcome> AskWithOfferAsync(PoolQueue queue, AskStatement statement, CancellationToken cancellationToken)
    {
        if (await ChooseAsync(queue, statement, cancellationToken).ConfigureAwait(false) is not { } offer) return await registry.AskAsync(statement, cancellationToken).ConfigureAwait(false);
        queue.Chosen.Take(offer.Worker, statement.Facts.Needs);
        try
        {
            return await registry.AskAsync(statement with { AtOnce = offer }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            queue.Chosen.LetGo(offer.Worker, statement.Facts.Needs);
        }
    }

    private async Task<OfferStatement?> ChooseAsync(PoolQueue queue, AskStatement statement, CancellationToken cancellationToken)
    {
        var ask = statement.Ask;
        if (ask is not { Attempt: 1, Ask: 1, Final: false, Paused: false }) return null;
        var candidates = await registry.CandidatesAsync(queue.Pool.Name, cancellationToken).ConfigureAwait(false);
        if (candidates.Queued > 0 || queue.FitsNowhere(statement.Shape, candidates.Version)) return null;
        var request = new RoutingRequest
        {
            Job = statement.Facts,
            Candidates = queue.Chosen.Without(candidates.Candidates),
            Excluded = ask.Excluded,
            Reservations = queue.ReservedBefore(new QueueRank(ask.Priority, ask.QueuedAt, ask.Job, ask.Conversation)),
            Seed = RoutingSeed.Of(ask.Job, ask.Attempt, revision: 0),
            Turn = queue.NextTurn(),
            Now = time.GetUtcNow(),
            Explain = true,
        };
        var (routed, _) = await RouteAsync(queue, ask.Job, ask.Conversation, revision: 0, request, cancellationToken).ConfigureAwait(false);
        return routed?.Chosen is not { } chosen ? null : new OfferStatement
        {
            Job = ask.Job,
            Conversation = ask.Conversation,
            Revision = 0,
            Worker = chosen.Worker,
            Incarnation = chosen.Incarnation,
            Router = queue.Router.Label,
            Profile = queue.Pool.Profile,
            Explanation = routed.Explanation,
        };
    }
}
