using Dispatch.Engine.Frontend;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Filter.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>The filters of the old lists of open and of closed workflows, as queries.</summary>
internal static class OldListQueries
{
    public static string Of(ListOpenWorkflowExecutionsRequest request) =>
        Query("ExecutionStatus = 1", "StartTime", request.StartTimeFilter, request.ExecutionFilter, request.TypeFilter);

    /// <exception cref="EngineException">INVALID_ARGUMENT: the status that is asked for is none of a closed workflow.</exception>
    public static string Of(ListClosedWorkflowExecutionsRequest request)
    {
        var status = request.StatusFilter?.Status;
        if (status is WorkflowExecutionStatus.Unspecified or WorkflowExecutionStatus.Running)
        {
            throw EngineException.InvalidArgument("StatusFilter must be specified and must be not Running.");
        }

        return Query(
            status is null ? "ExecutionStatus != 1" : $"ExecutionStatus = {(int)status}",
            "CloseTime",
            request.StartTimeFilter,
            request.ExecutionFilter,
            request.TypeFilter);
    }

    private static string Query(string status, string timeField, StartTimeFilter? times, WorkflowExecutionFilter? execution, WorkflowTypeFilter? type)
    {
        var conditions = new List<string> { status };
        var (earliest, latest) = (Nanoseconds(times?.EarliestTime), Nanoseconds(times?.LatestTime));
        if (earliest > latest)
        {
            throw EngineException.InvalidArgument("EarliestTime in StartTimeFilter should not be larger than LatestTime.");
        }

        conditions.AddRange(earliest is null ? [] : [$"{timeField} >= {earliest}"]);
        conditions.AddRange(latest is null ? [] : [$"{timeField} <= {latest}"]);
        conditions.AddRange(execution is null ? [] : [$"WorkflowId = {Quoted(execution.WorkflowId)}"]);
        conditions.AddRange(type is null ? [] : [$"WorkflowType = {Quoted(type.Name)}"]);
        return string.Join(" AND ", conditions);
    }

    private static long? Nanoseconds(Timestamp? time) => time is null
        ? null
        : (long)Math.Clamp((decimal)time.Seconds * 1_000_000_000 + time.Nanos, long.MinValue, long.MaxValue);

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
