using System.Collections.Frozen;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>A row with its search attributes read, and its place in the order of lists.</summary>
internal sealed class IndexedRow
{
    private static readonly FrozenDictionary<string, (IndexedValueType Type, object Value)> NoValues =
        FrozenDictionary<string, (IndexedValueType, object)>.Empty;

    private readonly IReadOnlyDictionary<string, (IndexedValueType Type, object Value)> values;

    public IndexedRow(VisibilityRow row)
    {
        Row = row;
        values = row.SearchAttributes is { IndexedFields.Count: > 0 } given ? Read(given) : NoValues;
    }

    /// <summary>Open runs first, then those closed last; among equals those started last; then by run id.</summary>
    public static IComparer<IndexedRow> Order { get; } = Comparer<IndexedRow>.Create((left, right) =>
    {
        var byClose = (right.Row.CloseTime ?? DateTimeOffset.MaxValue).CompareTo(left.Row.CloseTime ?? DateTimeOffset.MaxValue);
        var byTime = byClose != 0 ? byClose : right.Row.StartTime.CompareTo(left.Row.StartTime);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Row.RunId, right.Row.RunId);
    });

    public VisibilityRow Row { get; }

    /// <summary>A search attribute's value: string, string[], long, double, bool or DateTimeOffset.</summary>
    /// <returns>Null when the run has none, or one from a time when the name stood for another type.</returns>
    public object? Value(string name, IndexedValueType type) => values.TryGetValue(name, out var held) && held.Type == type ? held.Value : null;

    private static Dictionary<string, (IndexedValueType Type, object Value)> Read(SearchAttributes given)
    {
        var values = new Dictionary<string, (IndexedValueType, object)>(given.IndexedFields.Count, StringComparer.Ordinal);
        foreach (var (name, payload) in given.IndexedFields)
        {
            if (payload.Metadata.TryGetValue("type", out var text)
                && Enum.TryParse<IndexedValueType>(text.ToStringUtf8(), out var type)
                && SearchAttributeValue.TryRead(payload, type, out var value)
                && value is not null)
            {
                values[name] = (type, value);
            }
        }

        return values;
    }
}
