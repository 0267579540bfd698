using System.Globalization;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;

namespace Dispatch.Registry.Memory;

/// <content>What lists and single gets read.</content>
public sealed partial class InMemoryRegistry
{
    /// <inheritdoc/>
    public Task<JobRow?> FindJobAsync(JobId job, CancellationToken cancellationToken) => Task.FromResult(Run(() =>
        jobs.TryGetValue(job, out var state) && !state.Rows.IsEmpty ? state.Rows[^1] : null));

    /// <inheritdoc/>
    public Task<JobRowPage> ListJobsAsync(JobRowQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(Run(() =>
        {
            var limit = Math.Clamp(query.Limit, 1, JobRowQuery.LimitMax);
            var below = query.Cursor is { } cursor && long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
            var found = new List<JobRow>();
            if (below <= 1) return new JobRowPage(found, null);
            var scanned = 0;
            foreach (var one in (query.Settled == false ? openRows : allRows).GetViewBetween(1, below - 1).Reverse())
            {
                if (found.Count == limit || scanned == options.ListScanMax) return new JobRowPage(found, (one + 1).ToString(CultureInfo.InvariantCulture));
                scanned++;
                var (job, conversation) = byNumber[one];
                var row = jobs[job].RowOf(conversation)!;
                if (Matches(query, row)) found.Add(row);
            }

            return new JobRowPage(found, null);
        }));
    }

    /// <inheritdoc/>
    public Task<WorkerRecord?> FindWorkerAsync(WorkerId worker, CancellationToken cancellationToken) =>
        Task.FromResult(Run(() => workers.TryGetValue(worker, out var entry) ? RecordOf(entry) : null));

    /// <inheritdoc/>
    public Task<WorkerRecordPage> ListWorkersAsync(WorkerQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(Run(() =>
        {
            var limit = Math.Clamp(query.Limit, 1, 1000);
            var matching = workers.Values
                .Where(entry => (query.Pool is null || entry.Row.Pool == query.Pool) && (query.State is null || entry.Row.State == query.State)
                    && (query.Cursor is null || string.CompareOrdinal(entry.Row.Worker.Value, query.Cursor) > 0))
                .OrderBy(entry => entry.Row.Worker.Value, StringComparer.Ordinal).Take(limit + 1).ToArray();
            var page = matching.Take(limit).Select(RecordOf).ToArray();
            return new WorkerRecordPage(page, matching.Length > limit ? page[^1].Row.Worker.Value : null);
        }));
    }

    /// <inheritdoc/>
    public Task<PoolCounts> CountPoolAsync(string pool, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return Task.FromResult(Run(() =>
        {
            var entry = PoolOf(pool);
            var states = new SortedDictionary<WorkerState, int>();
            var leased = 0;
            foreach (var worker in entry.Workers.Values)
            {
                var one = workers[worker];
                states[one.Row.State] = states.GetValueOrDefault(one.Row.State) + 1;
                leased += one.Live.Count;
            }

            return new PoolCounts(states, entry.Queue.Count, leased, entry.Queue.Oldest());
        }));
    }

    /// <inheritdoc/>
    public Task<int> CountBeforeAsync(JobRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Task.FromResult(Run(() => PoolOf(row.Facts.Pool).Queue.CountBefore(QueueRank.Of(row))));
    }

    private static bool Matches(JobRowQuery query, JobRow row) =>
        (query.Pool is null || row.Facts.Pool == query.Pool)
        && (query.States.Count == 0 || query.States.Contains(row.State))
        && (query.Settled is not { } settledOnly || row.SettledAt is not null == settledOnly)
        && (query.Worker is not { } worker || row.Grant?.Worker == worker)
        && (query.Owner is null || row.Facts.Owner == query.Owner)
        && (query.Contains is not { } text || row.Job.Value.Contains(text, StringComparison.OrdinalIgnoreCase)
            || row.Facts.Name?.Contains(text, StringComparison.OrdinalIgnoreCase) == true)
        && (query.ChangedBefore is not { } before || row.ChangedAt < before)
        && query.Labels.All(label => row.Facts.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private WorkerRecord RecordOf(WorkerEntry entry) => new(
        entry.Row,
        ViewOf(entry).Free,
        [.. entry.Leases.Select(pair => jobs[pair.Value].RowOf(pair.Key)!).OrderBy(row => row.Number)]);
}
