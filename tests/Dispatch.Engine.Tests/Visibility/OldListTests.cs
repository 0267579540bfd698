using Dispatch.Engine.Frontend;
using Dispatch.Engine.Visibility;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Filter.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Tests.Visibility;

public class OldListTests
{
    private static readonly Timestamp Second1 = Timestamp.FromDateTimeOffset(Rows.Start.AddSeconds(1));
    private static readonly Timestamp Second3 = Timestamp.FromDateTimeOffset(Rows.Start.AddSeconds(3));

    [Fact]
    public void Open_workflows_are_found_by_their_start_their_id_and_their_type()
    {
        Assert.Equal("54321", Open(new()));
        Assert.Equal("321", Open(new() { StartTimeFilter = new StartTimeFilter { EarliestTime = Second1, LatestTime = Second3 } }));
        Assert.Equal("543", Open(new() { StartTimeFilter = new StartTimeFilter { EarliestTime = Second3 } }));
        Assert.Equal("2", Open(new() { ExecutionFilter = new WorkflowExecutionFilter { WorkflowId = "id-2" } }));
        Assert.Equal("42", Open(new() { TypeFilter = new WorkflowTypeFilter { Name = "Even" } }));
        Assert.Equal("", Open(new() { TypeFilter = new WorkflowTypeFilter { Name = "it's \\ ' OR 1=1" } }));
    }

    [Fact]
    public void Closed_workflows_are_found_by_their_close_and_their_status()
    {
        Assert.Equal("0", Closed(new()));
        Assert.Equal("0", Closed(new() { StatusFilter = new StatusFilter { Status = WorkflowExecutionStatus.Terminated } }));
        Assert.Equal("", Closed(new() { StatusFilter = new StatusFilter { Status = WorkflowExecutionStatus.Failed } }));
        Assert.Equal("", Closed(new() { StartTimeFilter = new StartTimeFilter { LatestTime = Second3 } }));
    }

    [Fact]
    public void Filters_that_contradict_themselves_are_refused()
    {
        Assert.Contains("EarliestTime", Assert.Throws<EngineException>(() => Open(new() { StartTimeFilter = new() { EarliestTime = Second3, LatestTime = Second1 } })).Message);
        Assert.Contains("StatusFilter", Assert.Throws<EngineException>(() => Closed(new() { StatusFilter = new StatusFilter { Status = WorkflowExecutionStatus.Running } })).Message);
    }

    private static string Open(ListOpenWorkflowExecutionsRequest request) => Found(OldListQueries.Of(request));

    private static string Closed(ListClosedWorkflowExecutionsRequest request) => Found(OldListQueries.Of(request));

    private static string Found(string query)
    {
        var registry = Rows.Attributes();
        var page = Rows.SixRows(registry).List(VisibilityQuestion.Parse(Rows.Namespace, query, registry), 100, after: null);
        return string.Concat(page.Rows.Select(row => row.WorkflowId[^1]));
    }
}
