using Dispatch.Engine.Frontend;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Visibility;

/// <summary>Lists and counts workflows.</summary>
internal sealed class VisibilityHandlers
{
    private const int PageMax = 1000;

    private readonly IVisibilityStore store;
    private readonly SearchAttributeRegistry attributes;

    public VisibilityHandlers(EngineServices services)
    {
        store = services.Visibility;
        attributes = services.SearchAttributes;
    }

    public Task<ListWorkflowExecutionsResponse> ListWorkflowExecutions(ListWorkflowExecutionsRequest request, CallContext context)
    {
        var response = new ListWorkflowExecutionsResponse();
        response.NextPageToken = Fill(response.Executions, context, request.Query, request.PageSize, request.NextPageToken);
        return Task.FromResult(response);
    }

    /// <summary>The old name of the same thing.</summary>
    public Task<ScanWorkflowExecutionsResponse> ScanWorkflowExecutions(ScanWorkflowExecutionsRequest request, CallContext context)
    {
        var response = new ScanWorkflowExecutionsResponse();
        response.NextPageToken = Fill(response.Executions, context, request.Query, request.PageSize, request.NextPageToken);
        return Task.FromResult(response);
    }

    public Task<ListOpenWorkflowExecutionsResponse> ListOpenWorkflowExecutions(ListOpenWorkflowExecutionsRequest request, CallContext context)
    {
        var response = new ListOpenWorkflowExecutionsResponse();
        response.NextPageToken = Fill(response.Executions, context, OldListQueries.Of(request), request.MaximumPageSize, request.NextPageToken);
        return Task.FromResult(response);
    }

    public Task<ListClosedWorkflowExecutionsResponse> ListClosedWorkflowExecutions(ListClosedWorkflowExecutionsRequest request, CallContext context)
    {
        var response = new ListClosedWorkflowExecutionsResponse();
        response.NextPageToken = Fill(response.Executions, context, OldListQueries.Of(request), request.MaximumPageSize, request.NextPageToken);
        return Task.FromResult(response);
    }

    public Task<CountWorkflowExecutionsResponse> CountWorkflowExecutions(CountWorkflowExecutionsRequest request, CallContext context)
    {
        var question = VisibilityQuestion.Parse(context.Namespace!.Name, request.Query, attributes);
        var counts = store.Count(question);
        var response = new CountWorkflowExecutionsResponse { Count = counts.Values.Sum() };
        if (question.IsGrouped)
        {
            response.Groups.AddRange(counts.Select(item => new CountWorkflowExecutionsResponse.Types.AggregationGroup
            {
                GroupValues = { SearchAttributeValue.Write("Keyword", item.Key.ToString()) },
                Count = item.Value,
            }));
        }

        return Task.FromResult(response);
    }

    private ByteString Fill(
        RepeatedField<WorkflowExecutionInfo> executions, CallContext context, string query, int pageSize, ByteString token)
    {
        var question = VisibilityQuestion.Parse(context.Namespace!.Name, query, attributes);
        var size = pageSize is > 0 and <= PageMax ? pageSize : PageMax;
        var page = store.List(question, size, VisibilityPageToken.Read(token));
        foreach (var row in page.Rows)
        {
            executions.Add(Describe(row));
        }

        return page.IsFull ? VisibilityPageToken.After(page.Rows[^1]) : ByteString.Empty;
    }

    private static WorkflowExecutionInfo Describe(VisibilityRow row)
    {
        var info = new WorkflowExecutionInfo
        {
            Execution = new WorkflowExecution { WorkflowId = row.WorkflowId, RunId = row.RunId },
            Type = new WorkflowType { Name = row.WorkflowType },
            Status = row.Status,
            StartTime = Timestamp.FromDateTimeOffset(row.StartTime),
            ExecutionTime = Timestamp.FromDateTimeOffset(row.ExecutionTime),
            Memo = row.Memo ?? new Memo(),
            SearchAttributes = Compacted(row.SearchAttributes),
            TaskQueue = row.TaskQueue,
            ParentExecution = row.Parent,
            RootExecution = row.Root,
        };
        if (row.CloseTime is { } close)
        {
            info.CloseTime = Timestamp.FromDateTimeOffset(close);
            info.ExecutionDuration = Duration.FromTimeSpan(close - row.ExecutionTime);
            info.HistoryLength = row.HistoryLength;
            info.HistorySizeBytes = row.HistorySizeBytes;
            info.StateTransitionCount = row.StateTransitionCount;
        }

        return info;
    }

    /// <summary>Lists show values as the store read them, not the client's own JSON.</summary>
    private static SearchAttributes Compacted(SearchAttributes? given)
    {
        var result = new SearchAttributes();
        foreach (var (name, payload) in given?.IndexedFields ?? [])
        {
            var type = payload.Metadata["type"].ToStringUtf8();
            if (SearchAttributeValue.TryRead(payload, System.Enum.Parse<Temporalio.Api.Enums.V1.IndexedValueType>(type), out var value) && value is not null)
            {
                result.IndexedFields[name] = SearchAttributeValue.Write(type, value);
            }
        }

        return result;
    }
}
