using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Registry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Loops;
using Dispatch.Registry.Reading;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement.Sweeping;

/// <summary>Makes true what a lost <c>Settle</c> left open: rows not settled, not held and not changed lately are compared with Temporal.</summary>
internal sealed partial class Sweeper(IRegistry registry, IRunStatus runs, PlacementOptions options, TimeProvider time, ILogger<Sweeper> logger, IDuties? duties = null) : BackgroundService
{
    /// <summary>The number that no ask of a closed run comes after.</summary>
    private const int LastAsk = int.MaxValue;

    private readonly LeftAlone left = new(time, logger);
    private readonly SweepGroup takingRoom = new([LeaseState.Offered]);
    private readonly SweepGroup over = new([LeaseState.Returned, LeaseState.Expired]);
    private readonly SweepGroup waiting = new([LeaseState.Waiting]);

    /// <summary>One sweep of each group, from where the last one ended.</summary>
    /// <returns>How many rows were settled.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken) =>
        await SweepAsync(takingRoom, options.SweepMax, cancellationToken).ConfigureAwait(false)
        + await SweepAsync(over, options.SweepMax, cancellationToken).ConfigureAwait(false)
        + await SweepAsync(waiting, options.SweepWaitingMax, cancellationToken).ConfigureAwait(false);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepEvery, time);
        var steady = new SteadyTurns("The sweep", time, logger);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) await steady.TakeAsync(SweepIfOursAsync, stoppingToken).ConfigureAwait(false);
    }

    private async Task SweepIfOursAsync(CancellationToken cancellationToken)
    {
        if (duties is null || await duties.IsOursAsync("sweeper", cancellationToken).ConfigureAwait(false)) await SweepAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<int> SweepAsync(SweepGroup group, int rowsMax, CancellationToken cancellationToken)
    {
        var settled = 0;
        for (var left = rowsMax; left > 0;)
        {
            var query = new JobRowQuery
            {
                States = group.States,
                Settled = false,
                ChangedBefore = time.GetUtcNow() - options.SweepAge,
                Limit = Math.Min(left, JobRowQuery.LimitMax),
                Cursor = group.Cursor,
            };
            var page = await registry.ListJobsAsync(query, cancellationToken).ConfigureAwait(false);
            settled += await CompareAsync(page.Rows, cancellationToken).ConfigureAwait(false);
            group.Cursor = page.Next;
            left -= Math.Max(1, page.Rows.Count);
            if (page.Next is null) break;
        }

        return settled;
    }

    private async Task<int> CompareAsync(IReadOnlyList<JobRow> rows, CancellationToken cancellationToken)
    {
        var settled = 0;
        foreach (var batch in rows.Chunk(options.SweepAtOnce))
        {
            var closed = await Task.WhenAll(batch.Select(row => SettleIfClosedAsync(row, cancellationToken))).ConfigureAwait(false);
            settled += closed.Count(one => one);
        }

        return settled;
    }

    private async Task<bool> SettleIfClosedAsync(JobRow row, CancellationToken cancellationToken)
    {
        var run = await runs.DescribeAsync(row.Job, row.RunId, cancellationToken).ConfigureAwait(false);
        if (run.Standing == RunStanding.Open) return false;
        if (run.Standing == RunStanding.Impossible)
        {
            left.Tell($"Job {row.Job} stays {row.State} in the registry", Contradiction(row));
            return false;
        }

        var closedBy = run.ClosedBy ?? (run.Standing == RunStanding.Unknown ? "unknown to Temporal" : null);
        var settlement = new Settlement { Job = row.Job, Conversation = row.Conversation, RunId = row.RunId, Ask = LastAsk, Reason = run.Reason, ClosedBy = closedBy };
        if (!await left.TryAsync($"Closed job {row.Job} stays {row.State} in the registry", () => SettleAsync(settlement, cancellationToken)).ConfigureAwait(false)) return false;
        LogSettled(row.Job.Value, row.State, closedBy, run.Reason);
        return true;
    }

    private static RowsContradictException Contradiction(JobRow row) => new(
        $"job {row.Job}", $"its run_id in tables job and attempt is '{row.RunId}', which no run of Temporal can have",
        "Correct it; or, once the job is closed, delete its row in table job.");

    private async Task<bool> SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        await registry.SettleAsync(settlement, cancellationToken).ConfigureAwait(false);
        return true;
    }

    [LoggerMessage(EventId = 4021, Level = LogLevel.Debug, Message = "Job {Job} was still {State} in the registry though its run has closed ({ClosedBy} {Reason}); it is settled now.")]
    private partial void LogSettled(string job, LeaseState state, string? closedBy, TerminationReason? reason);

    private sealed class SweepGroup(LeaseState[] states)
    {
        public LeaseState[] States { get; } = states;

        public string? Cursor { get; set; }
    }
}
