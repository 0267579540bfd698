using System.Collections.Frozen;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Visibility;

internal sealed partial class SearchAttributeRegistry
{
    /// <summary>No custom attribute's name begins like this.</summary>
    private const string ReservedPrefix = "Temporal";

    /// <summary>Attributes that the engine itself fills from a run's state; nobody may set them.</summary>
    public static readonly FrozenSet<string> Computed = FrozenSet.Create(
        StringComparer.Ordinal,
        "WorkflowId", "RunId", "WorkflowType", "TaskQueue", "ExecutionStatus", "StartTime", "CloseTime", "ExecutionTime",
        "ExecutionDuration", "HistoryLength", "HistorySizeBytes", "StateTransitionCount", "ParentWorkflowId", "ParentRunId",
        "RootWorkflowId", "RootRunId");

    /// <summary>All attributes that every namespace has.</summary>
    public static readonly FrozenDictionary<string, IndexedValueType> System = new Dictionary<string, IndexedValueType>
    {
        ["WorkflowId"] = IndexedValueType.Keyword,
        ["RunId"] = IndexedValueType.Keyword,
        ["WorkflowType"] = IndexedValueType.Keyword,
        ["TaskQueue"] = IndexedValueType.Keyword,
        ["ExecutionStatus"] = IndexedValueType.Keyword,
        ["StartTime"] = IndexedValueType.Datetime,
        ["CloseTime"] = IndexedValueType.Datetime,
        ["ExecutionTime"] = IndexedValueType.Datetime,
        ["ExecutionDuration"] = IndexedValueType.Int,
        ["HistoryLength"] = IndexedValueType.Int,
        ["HistorySizeBytes"] = IndexedValueType.Int,
        ["StateTransitionCount"] = IndexedValueType.Int,
        ["ParentWorkflowId"] = IndexedValueType.Keyword,
        ["ParentRunId"] = IndexedValueType.Keyword,
        ["RootWorkflowId"] = IndexedValueType.Keyword,
        ["RootRunId"] = IndexedValueType.Keyword,
        ["BatcherNamespace"] = IndexedValueType.Keyword,
        ["BatcherUser"] = IndexedValueType.Keyword,
        ["BinaryChecksums"] = IndexedValueType.KeywordList,
        ["BuildIds"] = IndexedValueType.KeywordList,
        ["TemporalChangeVersion"] = IndexedValueType.KeywordList,
        ["TemporalExternalPayloadCount"] = IndexedValueType.Int,
        ["TemporalExternalPayloadSizeBytes"] = IndexedValueType.Int,
        ["TemporalNamespaceDivision"] = IndexedValueType.Keyword,
        ["TemporalPauseInfo"] = IndexedValueType.KeywordList,
        ["TemporalReportedProblems"] = IndexedValueType.KeywordList,
        ["TemporalScheduledById"] = IndexedValueType.Keyword,
        ["TemporalScheduledStartTime"] = IndexedValueType.Datetime,
        ["TemporalSchedulePaused"] = IndexedValueType.Bool,
        ["TemporalUsedWorkerDeploymentVersions"] = IndexedValueType.KeywordList,
        ["TemporalWorkerDeployment"] = IndexedValueType.Keyword,
        ["TemporalWorkerDeploymentVersion"] = IndexedValueType.Keyword,
        ["TemporalWorkflowVersioningBehavior"] = IndexedValueType.Keyword,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Most custom attributes of each type that a namespace can have; a type that isn't here can't be had.</summary>
    private static readonly FrozenDictionary<IndexedValueType, int> CustomMax = new Dictionary<IndexedValueType, int>
    {
        [IndexedValueType.Keyword] = 10,
        [IndexedValueType.KeywordList] = 3,
        [IndexedValueType.Text] = 3,
        [IndexedValueType.Int] = 3,
        [IndexedValueType.Double] = 3,
        [IndexedValueType.Bool] = 3,
        [IndexedValueType.Datetime] = 3,
    }.ToFrozenDictionary();

    private static IEnumerable<KeyValuePair<string, IndexedValueType>> StoreColumns() =>
        from type in CustomMax
        from number in Enumerable.Range(1, type.Value)
        select KeyValuePair.Create($"{type.Key}{number:00}", type.Key);
}
