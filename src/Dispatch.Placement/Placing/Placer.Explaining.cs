using System.Globalization;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;

namespace Dispatch.Placement.Placing;

/// <content>What people ask.</content>
internal sealed partial class Placer
{
    public string? RouterOf(string pool) => queues.Find(pool)?.Router.Label;

    public async Task<WhyNow?> ExplainNowAsync(JobId job, CancellationToken cancellationToken)
    {
        if (await registry.FindJobAsync(job, cancellationToken).ConfigureAwait(false) is not { } row) return null;
        if (!row.Queued || queues.Find(row.Facts.Pool) is not { } queue) return new WhyNow(row, null, row.Grant?.Explanation, Standing(row));
        var position = await registry.CountBeforeAsync(row, cancellationToken).ConfigureAwait(false);
        var candidates = await registry.CandidatesAsync(row.Facts.Pool, cancellationToken).ConfigureAwait(false);
        if (queue.TroubleOf(row, time.GetUtcNow()) is { } trouble) return new WhyNow(row, position, null, $"Its last placement failed: {trouble}. It is tried again after a pause.");
        var request = RequestFor(queue, row, candidates, QueueRank.Of(row));
        var routed = await queue.Router.RouteAsync(request, cancellationToken).ConfigureAwait(false);
        var summary = routed.Error is { } error ? $"Placement fails now: {error}." : routed.Result.Explanation?.Summary ?? "The router gave no explanation.";
        var ahead = position == 0 ? "It is first in the queue of its pool." : string.Create(CultureInfo.InvariantCulture, $"{position} waiting jobs of its pool rank before it.");
        return new WhyNow(row, position, routed.Result.Explanation, $"{summary} {ahead}");
    }

    private static string Standing(JobRow row) => row switch
    {
        { SettledAt: not null } => $"The job has ended{(row.Reason is { } reason ? $" ({reason})" : row.ClosedBy is { } closedBy ? $" ({closedBy})" : "")}.",
        { State: LeaseState.Waiting } => PlaceAnswers.WaitsFor(row),
        { State: LeaseState.Offered, Grant: { } grant } => $"Offered to worker {grant.Worker}, which has not taken it yet.",
        { State: LeaseState.Held, Grant: { } grant } => $"Worker {grant.Worker} has it.",
        { State: LeaseState.Expired, Grant: { } grant } => $"The lease on worker {grant.Worker} expired: it was not renewed.",
        { Grant: { } grant } => $"Worker {grant.Worker} gave it back{(row.HasOutcome ? " with what came of it" : " with nothing started")}.",
        _ => "It has left the queue.",
    };
}
