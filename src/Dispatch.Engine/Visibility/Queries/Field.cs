using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility.Queries;

/// <summary>A field that a query names: its type, and how to read it from a row (null: the row has none).</summary>
internal sealed record Field(string Name, IndexedValueType Type, Func<IndexedRow, object?> Read)
{
    public const string Division = "TemporalNamespaceDivision";

    private const string TolerablePrefix = "Temporal";

    private static readonly Dictionary<string, Func<IndexedRow, object?>> Computed = new(StringComparer.Ordinal)
    {
        ["WorkflowId"] = row => row.Row.WorkflowId,
        ["RunId"] = row => row.Row.RunId,
        ["WorkflowType"] = row => row.Row.WorkflowType,
        ["TaskQueue"] = row => row.Row.TaskQueue,
        ["ExecutionStatus"] = row => (long)row.Row.Status,
        ["StartTime"] = row => row.Row.StartTime,
        ["CloseTime"] = row => row.Row.CloseTime,
        ["ExecutionTime"] = row => row.Row.ExecutionTime,
        ["ExecutionDuration"] = row => row.Row.CloseTime is { } close ? (close - row.Row.ExecutionTime).Ticks * TimeSpan.NanosecondsPerTick : null,

        // A real row has these only once the run is closed.
        ["HistoryLength"] = row => row.Row.CloseTime is null ? null : row.Row.HistoryLength,
        ["HistorySizeBytes"] = row => row.Row.CloseTime is null ? null : row.Row.HistorySizeBytes,
        ["StateTransitionCount"] = row => row.Row.CloseTime is null ? null : row.Row.StateTransitionCount,
        ["ParentWorkflowId"] = row => row.Row.Parent?.WorkflowId,
        ["ParentRunId"] = row => row.Row.Parent?.RunId,
        ["RootWorkflowId"] = row => row.Row.Root?.WorkflowId,
        ["RootRunId"] = row => row.Row.Root?.RunId,
    };

    public bool IsStatus => Name == "ExecutionStatus";

    public bool IsDuration => Name == "ExecutionDuration";

    /// <exception cref="QueryException">The namespace has no such field.</exception>
    public static Field Find(string name, Func<string, IndexedValueType?> typeOf)
    {
        foreach (var candidate in (ReadOnlySpan<string>)[name, TolerablePrefix + name, Alias(name)])
        {
            if (typeOf(candidate) is { } type)
            {
                // A status is compared by its number, whichever way it is written.
                var comparedAs = candidate == "ExecutionStatus" ? IndexedValueType.Int : type;
                return new Field(candidate, comparedAs, Computed.GetValueOrDefault(candidate, row => row.Value(candidate, type)));
            }
        }

        throw new QueryException($"invalid search attribute: {name}");
    }

    private static string Alias(string name) => name switch
    {
        "TemporalBuildIds" => "BuildIds",
        "ScheduleId" => "WorkflowId",
        _ => name,
    };
}
