using System.Collections.Concurrent;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>Rows in memory. What is recorded is seen by the next question. At its limit the rows closed longest ago are forgotten.</summary>
internal sealed class InMemoryVisibilityStore : IVisibilityStore
{
    private readonly int rowsMax;
    private readonly Lock changes = new();
    private readonly ConcurrentDictionary<string, NamespaceRows> namespaces = new(StringComparer.Ordinal);
    private int count;

    public InMemoryVisibilityStore(int rowsMax) => this.rowsMax = rowsMax;

    public void Record(VisibilityRow row)
    {
        var indexed = new IndexedRow(row);
        lock (changes)
        {
            Change(row.Namespace, rows => rows.With(indexed));
            while (count > rowsMax && OldestClosed() is { } oldest)
            {
                Change(oldest.Row.Namespace, rows => rows.Without(oldest.Row.RunId));
            }
        }
    }

    public void Remove(string namespaceName, string runId)
    {
        lock (changes)
        {
            Change(namespaceName, rows => rows.Without(runId));
        }
    }

    public VisibilityPage List(VisibilityQuestion question, int size, VisibilityRow? after)
    {
        var found = new List<VisibilityRow>();
        foreach (var row in Candidates(question, after))
        {
            if (question.Admits(row))
            {
                found.Add(row.Row);
                if (found.Count == size)
                {
                    return new VisibilityPage(found, IsFull: true);
                }
            }
        }

        return new VisibilityPage(found, IsFull: false);
    }

    public IReadOnlyDictionary<WorkflowExecutionStatus, long> Count(VisibilityQuestion question)
    {
        var counts = new SortedDictionary<WorkflowExecutionStatus, long>();
        foreach (var row in Candidates(question, after: null))
        {
            if (question.Admits(row))
            {
                counts[row.Row.Status] = counts.GetValueOrDefault(row.Row.Status) + 1;
            }
        }

        return counts;
    }

    private IEnumerable<IndexedRow> Candidates(VisibilityQuestion question, VisibilityRow? after) =>
        namespaces.GetValueOrDefault(question.Namespace, NamespaceRows.Empty)
            .InOrder(question.Narrowing, after is null ? null : new IndexedRow(after));

    private IndexedRow? OldestClosed() => namespaces.Values.Select(rows => rows.OldestClosed).OfType<IndexedRow>().Max(IndexedRow.Order);

    private void Change(string namespaceName, Func<NamespaceRows, NamespaceRows> change)
    {
        var before = namespaces.GetValueOrDefault(namespaceName, NamespaceRows.Empty);
        var after = change(before);
        namespaces[namespaceName] = after;
        count += after.Count - before.Count;
    }
}
