using System.Globalization;
using System.Text.Json;
using Dapper;
using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Reading;

namespace Dispatch.Registry.Postgres;

/// <content>Lists of jobs.</content>
public sealed partial class PostgresRegistry
{
    /// <inheritdoc/>
    public Task<JobRowPage> ListJobsAsync(JobRowQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var limit = Math.Clamp(query.Limit, 1, JobRowQuery.LimitMax);
        var below = query.Cursor is { } cursor && long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
        var arguments = new
        {
            below,
            scan = options.ListScanMax + 1,
            limit = limit + 1,
            pool = query.Pool,
            states = query.States.Select(state => state.ToString()).ToArray(),
            settled = query.Settled,
            worker = query.Worker?.Value,
            owner = query.Owner,
            text = query.Contains,
            changedBefore = query.ChangedBefore,
            labels = JsonSerializer.Serialize(query.Labels),
        };
        var open = query.Settled == false ? "AND a.settled_at IS NULL" : "";
        var sql = $"""
            WITH scanned AS (
                SELECT a.number, a.job, a.conversation, a.state, a.worker, a.settled_at, a.changed_at FROM attempt a WHERE a.number < @below {open} ORDER BY a.number DESC LIMIT @scan),
            looked AS (SELECT * FROM scanned ORDER BY number DESC LIMIT @scan - 1)
            SELECT (SELECT count(*) FROM scanned) AS "Count", coalesce((SELECT min(number) FROM looked), 0) AS "Lowest";
            WITH looked AS (
                SELECT a.number, a.job, a.conversation, a.state, a.worker, a.settled_at, a.changed_at FROM attempt a WHERE a.number < @below {open} ORDER BY a.number DESC LIMIT @scan - 1)
            SELECT l.job AS "Job", l.conversation AS "Conversation", l.number AS "Number" FROM looked l JOIN conversation c ON c.job = l.job AND c.conversation = l.conversation
            WHERE (@pool::text IS NULL OR c.facts ->> 'pool' = @pool)
              AND (cardinality(@states) = 0 OR l.state = ANY(@states))
              AND (@settled::boolean IS NULL OR (l.settled_at IS NOT NULL) = @settled)
              AND (@worker::text IS NULL OR l.worker = @worker)
              AND (@owner::text IS NULL OR c.facts ->> 'owner' = @owner)
              AND (@text::text IS NULL OR position(lower(@text) IN lower(l.job)) > 0 OR position(lower(@text) IN lower(c.facts ->> 'name')) > 0)
              AND (@changedBefore::timestamptz IS NULL OR l.changed_at < @changedBefore)
              AND c.facts -> 'labels' @> @labels::jsonb
            ORDER BY l.number DESC LIMIT @limit;
            """;
        return database.UseAsync(
            async (connection, token) =>
            {
                Looked looked;
                Listed[] found;
                var grid = await connection.QueryMultipleAsync(Command(sql, arguments, token)).ConfigureAwait(false);
                await using (grid.ConfigureAwait(false))
                {
                    looked = await grid.ReadSingleAsync<Looked>().ConfigureAwait(false);
                    found = [.. await grid.ReadAsync<Listed>().ConfigureAwait(false)];
                }

                var page = found.Take(limit).ToArray();
                var (states, _) = await ReadJobsAsync(connection, [.. page.Select(row => new JobId(row.Job)).Distinct()], token).ConfigureAwait(false);
                JobRow[] rows = [.. page.Select(row => states.GetValueOrDefault(new JobId(row.Job))?.RowOf(new ConversationId(row.Conversation))).Where(row => row is not null).Select(row => row!)];
                long? next = found.Length > limit ? page[^1].Number : looked.Count > options.ListScanMax ? looked.Lowest : null;
                return new JobRowPage(rows, next?.ToString(CultureInfo.InvariantCulture));
            },
            cancellationToken);
    }

    private sealed record Looked(long Count, long Lowest);

    private sealed record Listed(string Job, string Conversation, long Number);
}
