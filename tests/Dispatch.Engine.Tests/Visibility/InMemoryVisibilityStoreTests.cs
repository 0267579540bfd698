using Dispatch.Engine.Visibility;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Tests.Visibility;

public class InMemoryVisibilityStoreTests
{
    private static VisibilityQuestion Ask(string query = "") => VisibilityQuestion.Parse(Rows.Namespace, query, Rows.Attributes());

    private static IReadOnlyList<string> Ids(VisibilityPage page) => [.. page.Rows.Select(row => row.WorkflowId)];

    [Fact]
    public void Open_runs_come_first_then_those_closed_last()
    {
        var store = new InMemoryVisibilityStore(100);
        store.Record(Rows.Row(0, WorkflowExecutionStatus.Completed, TimeSpan.FromMinutes(9)));
        store.Record(Rows.Row(1));
        store.Record(Rows.Row(2, WorkflowExecutionStatus.Failed, TimeSpan.FromMinutes(1)));
        store.Record(Rows.Row(3));

        Assert.Equal(["id-3", "id-1", "id-0", "id-2"], Ids(store.List(Ask(), 10, null)));
    }

    [Fact]
    public void A_run_has_one_row_the_latest()
    {
        var store = new InMemoryVisibilityStore(100);
        store.Record(Rows.Row(1));
        store.Record(Rows.Row(1, WorkflowExecutionStatus.Completed));

        Assert.Equal(WorkflowExecutionStatus.Completed, Assert.Single(store.List(Ask(), 10, null).Rows).Status);
        Assert.Empty(store.List(Ask("ExecutionStatus = 'Running'"), 10, null).Rows);
        Assert.Single(store.List(Ask("WorkflowId = 'id-1'"), 10, null).Rows);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ExecutionStatus = 'Running'")]
    [InlineData("WorkflowId STARTS_WITH 'id'")]
    public void Pages_give_each_row_once_though_rows_change_between_them(string query)
    {
        var store = new InMemoryVisibilityStore(100);
        for (var number = 0; number < 10; number++)
        {
            store.Record(Rows.Row(number));
        }

        var first = store.List(Ask(query), 4, null);
        store.Record(Rows.Row(10)); // newer than the page: not seen
        store.Remove(Rows.Namespace, first.Rows[^1].RunId); // where the next page goes on
        var second = store.List(Ask(query), 4, first.Rows[^1]);
        var third = store.List(Ask(query), 4, second.Rows[^1]);

        Assert.Equal(Enumerable.Range(0, 10).Reverse().Select(number => $"id-{number}"), [.. Ids(first), .. Ids(second), .. Ids(third)]);
        Assert.True(second.IsFull);
        Assert.False(third.IsFull);
    }

    [Fact]
    public void Counts_are_by_status()
    {
        var counts = Rows.SixRows(Rows.Attributes()).Count(Ask("Number > -1"));

        Assert.Equal(4, counts[WorkflowExecutionStatus.Running]);
        Assert.Equal(1, counts[WorkflowExecutionStatus.Terminated]);
        Assert.Equal(2, counts.Count);
    }

    [Fact]
    public void At_the_limit_the_rows_closed_longest_ago_are_forgotten_and_open_ones_never()
    {
        var store = new InMemoryVisibilityStore(rowsMax: 3);
        store.Record(Rows.Row(0));
        store.Record(Rows.Row(1, WorkflowExecutionStatus.Completed, TimeSpan.FromMinutes(2)));
        store.Record(Rows.Row(2, WorkflowExecutionStatus.Failed, TimeSpan.FromMinutes(1)));
        store.Record(Rows.Row(3));
        Assert.Equal(["id-3", "id-0", "id-1"], Ids(store.List(Ask(), 10, null)));

        store.Record(Rows.Row(4));
        store.Record(Rows.Row(5));
        Assert.Equal(["id-5", "id-4", "id-3", "id-0"], Ids(store.List(Ask(), 10, null)));
    }

    [Fact]
    public void Namespaces_do_not_see_each_other()
    {
        var store = new InMemoryVisibilityStore(100);
        store.Record(Rows.Row(1) with { Namespace = "other" });

        Assert.Empty(store.List(Ask(), 10, null).Rows);
    }
}
