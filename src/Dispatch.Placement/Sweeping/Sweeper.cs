using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Registry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Reading;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement.Sweeping;

/// <summary>Makes true what a lost <c>Settle</c> left open: rows not settled, not held and not changed lately are compared with Temporal.</summary>
internal sealed partial class Sweeper(IRegistry registry, IRunStatus runs, PlacementOptions options, TimeProvider time, ILogger<Sweeper> logger) : BackgroundService
{
    /// <summary>The number that no ask of a closed run comes after.</summary>
    private const int LastAsk = int.MaxValue;

    private static readonly LeaseState[] TakingRoom = [LeaseState.Offered];
    private static readonly LeaseState[] Others = [LeaseState.Waiting, LeaseState.Returned, LeaseState.Expired];

    private string? cursor;

    /// <summary>One sweep: what takes room first, then further rows from where the last sweep ended.</summary>
    /// <returns>How many rows were settled.</returns>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        var offered = await registry.ListJobsAsync(QueryOf(TakingRoom, cursor: null), cancellationToken).ConfigureAwait(false);
        var settled = await CompareAsync(offered.Rows, cancellationToken).ConfigureAwait(false);
        var others = await registry.ListJobsAsync(QueryOf(Others, cursor), cancellationToken).ConfigureAwait(false);
        settled += await CompareAsync(others.Rows, cancellationToken).ConfigureAwait(false);
        cursor = others.Next;
        return settled;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.SweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await SweepAsync(stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // Temporal or the registry does not answer: it is logged, and the next sweep goes on.
            catch (Exception error)
#pragma warning restore CA1031
            {
                LogUnavailable(error);
            }
        }
    }

    private JobRowQuery QueryOf(LeaseState[] states, string? cursor) => new()
    {
        States = states,
        Settled = false,
        ChangedBefore = time.GetUtcNow() - options.SweepAge,
        Limit = options.SweepMax,
        Cursor = cursor,
    };

    private async Task<int> CompareAsync(IReadOnlyList<JobRow> rows, CancellationToken cancellationToken)
    {
        var settled = 0;
        foreach (var row in rows)
        {
            var run = await runs.DescribeAsync(row.Job, row.RunId, cancellationToken).ConfigureAwait(false);
            if (run.Standing == RunStanding.Open) continue;
            var closedBy = run.ClosedBy ?? (run.Standing == RunStanding.Unknown ? "unknown to Temporal" : null);
            await registry.SettleAsync(
                new Settlement { Job = row.Job, Conversation = row.Conversation, RunId = row.RunId, Ask = LastAsk, Reason = run.Reason, ClosedBy = closedBy },
                cancellationToken).ConfigureAwait(false);
            settled++;
            LogSettled(row.Job.Value, row.State, closedBy, run.Reason);
        }

        return settled;
    }

    [LoggerMessage(EventId = 4021, Level = LogLevel.Information, Message = "Job {Job} was still {State} in the registry though its run has closed ({ClosedBy} {Reason}); it is settled now.")]
    private partial void LogSettled(string job, LeaseState state, string? closedBy, TerminationReason? reason);

    [LoggerMessage(EventId = 4022, Level = LogLevel.Warning, Message = "The sweep was broken off; the next goes on.")]
    private partial void LogUnavailable(Exception error);
}
