using System.Collections.Frozen;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>A row with its search attributes read, and its place in the order of lists.</summary>
internal sealed class IndexedRow
{
    private static readonly FrozenDictionary<string, object> NoValues = FrozenDictionary<string, object>.Empty;

    public IndexedRow(VisibilityRow row)
    {
        Row = row;
        Values = row.SearchAttributes is { IndexedFields.Count: > 0 } given ? Read(given) : NoValues;
    }

    /// <summary>Open runs first, then those closed last; among equals those started last; then by run id.</summary>
    public static IComparer<IndexedRow> Order { get; } = Comparer<IndexedRow>.Create((left, right) =>
    {
        var byClose = (right.Row.CloseTime ?? DateTimeOffset.MaxValue).CompareTo(left.Row.CloseTime ?? DateTimeOffset.MaxValue);
        var byTime = byClose != 0 ? byClose : right.Row.StartTime.CompareTo(left.Row.StartTime);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Row.RunId, right.Row.RunId);
    });

    public VisibilityRow Row { get; }

    /// <summary>Values of search attributes that the run has, by name: string, string[], long, double, bool, DateTimeOffset.</summary>
    public IReadOnlyDictionary<string, object> Values { get; }

    private static Dictionary<string, object> Read(SearchAttributes given)
    {
        var values = new Dictionary<string, object>(given.IndexedFields.Count, StringComparer.Ordinal);
        foreach (var (name, payload) in given.IndexedFields)
        {
            if (payload.Metadata.TryGetValue("type", out var text)
                && Enum.TryParse<IndexedValueType>(text.ToStringUtf8(), out var type)
                && SearchAttributeValue.TryRead(payload, type, out var value)
                && value is not null)
            {
                values[name] = value;
            }
        }

        return values;
    }
}
