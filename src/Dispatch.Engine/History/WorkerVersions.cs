using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.History;

/// <summary>Which workers have completed tasks of a run: the points that it could be reset to when one of them was bad.</summary>
internal static class WorkerVersions
{
    private const string ChecksumsAttribute = "BinaryChecksums";

    /// <summary>Notes the first task that a build has completed.</summary>
    public static void Record(Decision decision, long completedEventId, RespondWorkflowTaskCompletedRequest request)
    {
        var checksum = request.BinaryChecksum;
        var buildId = request.WorkerVersionStamp?.BuildId ?? "";
        var state = decision.State;
        if (state.ResetPoints.Any(known => known.BinaryChecksum == checksum && known.BuildId == buildId))
        {
            return;
        }

        var point = new ResetPointInfo
        {
            RunId = state.RunId,
            FirstWorkflowTaskCompletedId = completedEventId,
            CreateTime = decision.Now.ToProto(),
            Resettable = state.Children.IsEmpty,
            BuildId = buildId,
        };
        point.BinaryChecksum = checksum;
        var points = state.ResetPoints.Add(point);
        decision.State = state with
        {
            ResetPoints = points.Count > HistoryLimits.ResetPointsMax ? points.RemoveAt(0) : points,
        };
        if (checksum.Length > 0)
        {
            AddChecksum(decision, checksum);
        }
    }

    private static void AddChecksum(Decision decision, string checksum)
    {
        var state = decision.State;
        var known = KeywordLists.Read(state.SearchAttributes.GetValueOrDefault(ChecksumsAttribute));
        if (known.Contains(checksum))
        {
            return;
        }

        known.Add(checksum);
        decision.State = state with { SearchAttributes = state.SearchAttributes.SetItem(ChecksumsAttribute, KeywordLists.Of(known)) };
        decision.Do(new Effect.RecordVisibility(decision.State));
    }
}
