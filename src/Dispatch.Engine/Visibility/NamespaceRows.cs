using System.Collections.Immutable;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>
/// The rows of one namespace, immutable: readers take the present one and scan at leisure. One ordered set a status, so that
/// the usual questions (what runs, what failed) don't look at all rows; and all rows of a workflow id.
/// </summary>
internal sealed record NamespaceRows
{
    private static readonly ImmutableSortedSet<IndexedRow> EmptySet = ImmutableSortedSet.Create(IndexedRow.Order);

    public static readonly NamespaceRows Empty = new();

    private ImmutableDictionary<string, IndexedRow> ByRunId { get; init; } = ImmutableDictionary.Create<string, IndexedRow>(StringComparer.Ordinal);

    private ImmutableDictionary<string, ImmutableSortedSet<IndexedRow>> ByWorkflowId { get; init; } =
        ImmutableDictionary.Create<string, ImmutableSortedSet<IndexedRow>>(StringComparer.Ordinal);

    private ImmutableSortedDictionary<WorkflowExecutionStatus, ImmutableSortedSet<IndexedRow>> ByStatus { get; init; } =
        ImmutableSortedDictionary<WorkflowExecutionStatus, ImmutableSortedSet<IndexedRow>>.Empty;

    public int Count => ByRunId.Count;

    /// <summary>The closed row that comes last in order; null when none is closed.</summary>
    public IndexedRow? OldestClosed => ByStatus.Values
        .Where(rows => rows.Count > 0)
        .Select(rows => rows.Max!)
        .Where(row => row.Row.CloseTime is not null)
        .Max(IndexedRow.Order);

    public NamespaceRows With(IndexedRow row)
    {
        var cleared = Without(row.Row.RunId);
        var (id, status) = (row.Row.WorkflowId, row.Row.Status);
        return cleared with
        {
            ByRunId = cleared.ByRunId.Add(row.Row.RunId, row),
            ByWorkflowId = cleared.ByWorkflowId.SetItem(id, cleared.ByWorkflowId.GetValueOrDefault(id, EmptySet).Add(row)),
            ByStatus = cleared.ByStatus.SetItem(status, cleared.ByStatus.GetValueOrDefault(status, EmptySet).Add(row)),
        };
    }

    public NamespaceRows Without(string runId)
    {
        if (!ByRunId.TryGetValue(runId, out var old))
        {
            return this;
        }

        var (id, status) = (old.Row.WorkflowId, old.Row.Status);
        var sameId = ByWorkflowId[id].Remove(old);
        return this with
        {
            ByRunId = ByRunId.Remove(runId),
            ByWorkflowId = sameId.IsEmpty ? ByWorkflowId.Remove(id) : ByWorkflowId.SetItem(id, sameId),
            ByStatus = ByStatus.SetItem(status, ByStatus[status].Remove(old)),
        };
    }

    /// <summary>The rows that may interest a query, in order, from behind a row that was seen last.</summary>
    public IEnumerable<IndexedRow> InOrder(Queries.Narrowing narrowing, IndexedRow? after)
    {
        if (narrowing.WorkflowId is { } id)
        {
            return From(ByWorkflowId.GetValueOrDefault(id, EmptySet), after);
        }

        return narrowing.Status is { } status
            ? From(ByStatus.GetValueOrDefault(status, EmptySet), after)
            : Merged([.. ByStatus.Values.Select(rows => From(rows, after))]);
    }

    private static IEnumerable<IndexedRow> From(ImmutableSortedSet<IndexedRow> rows, IndexedRow? after)
    {
        if (after is null)
        {
            return rows;
        }

        var at = rows.IndexOf(after);
        return rows.Skip(at >= 0 ? at + 1 : ~at);
    }

    private static IEnumerable<IndexedRow> Merged(IReadOnlyList<IEnumerable<IndexedRow>> sources)
    {
        var heads = sources.Select(source => source.GetEnumerator()).ToList();
        heads.RemoveAll(head => !head.MoveNext());
        while (heads.Count > 0)
        {
            var first = heads[0];
            foreach (var head in heads.Skip(1))
            {
                first = IndexedRow.Order.Compare(head.Current, first.Current) < 0 ? head : first;
            }

            yield return first.Current;
            if (!first.MoveNext())
            {
                heads.Remove(first);
            }
        }
    }
}
