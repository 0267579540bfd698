using System.Globalization;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Book;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;

namespace Dispatch.Registry.Memory;

/// <content>What lists and single gets read.</content>
internal sealed partial class MemoryBook
{
    public PoolCandidates Candidates(string pool)
    {
        var entry = PoolOf(pool);
        return new PoolCandidates(entry.Version, SnapshotOf(entry), entry.Queue.Count);
    }

    public JobRow? FindJob(JobId job) => jobs.TryGetValue(job, out var state) && !state.Rows.IsEmpty ? state.Rows[^1] : null;

    public JobRowPage ListJobs(JobRowQuery query)
    {
        var limit = Math.Clamp(query.Limit, 1, JobRowQuery.LimitMax);
        var below = query.Cursor is { } cursor && long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
        var found = new List<JobRow>();
        if (below <= 1) return new JobRowPage(found, null);
        var scanned = 0;
        foreach (var one in (query.Settled == false ? openRows : allRows).GetViewBetween(1, below - 1).Reverse())
        {
            if (found.Count == limit || scanned == Options.ListScanMax) return new JobRowPage(found, (one + 1).ToString(CultureInfo.InvariantCulture));
            scanned++;
            var (job, conversation) = byNumber[one];
            var row = jobs[job].RowOf(conversation)!;
            if (Matches(query, row)) found.Add(row);
        }

        return new JobRowPage(found, null);
    }

    public WorkerRecord? FindWorker(WorkerId worker) => workers.TryGetValue(worker, out var entry) ? RecordOf(entry) : null;

    public WorkerRecordPage ListWorkers(WorkerQuery query)
    {
        var limit = Math.Clamp(query.Limit, 1, 1000);
        var matching = workers.Values
            .Where(entry => (query.Pool is null || entry.Row.Pool == query.Pool) && (query.State is null || entry.Row.State == query.State)
                && (query.Cursor is null || string.CompareOrdinal(entry.Row.Worker.Value, query.Cursor) > 0))
            .OrderBy(entry => entry.Row.Worker.Value, StringComparer.Ordinal).Take(limit + 1).ToArray();
        var page = matching.Take(limit).Select(RecordOf).ToArray();
        return new WorkerRecordPage(page, matching.Length > limit ? page[^1].Row.Worker.Value : null);
    }

    public PoolCounts CountPool(string pool)
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
