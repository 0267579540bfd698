using Dispatch.Engine.Frontend;
using Dispatch.Engine.Visibility;

namespace Dispatch.Engine.Tests.Visibility;

public class QueryTests
{
    [Theory]
    [InlineData("", "543210")]
    [InlineData("WorkflowId = 'id-1'", "1")]
    [InlineData("`WorkflowId` = \"id-1\"", "1")]
    [InlineData("WorkflowId != 'id-1'", "54320")]
    [InlineData("WorkflowId <> 'id-1'", "54320")]
    [InlineData("WorkflowId in ('id-1', 'id-3', 'none')", "31")]
    [InlineData("WorkflowId NOT IN ('id-1', 'id-3')", "5420")]
    [InlineData("Number BETWEEN 1 AND 3", "321")]
    [InlineData("Number NOT BETWEEN 1 AND 3", "40")]
    [InlineData("Number > 1.5", "432")]
    [InlineData("Number = -1", "")]
    [InlineData("Share <= 1.5", "10")]
    [InlineData("Share > 3", "43")]
    [InlineData("Flag = true", "210")]
    [InlineData("Flag != TRUE", "43")]
    [InlineData("Word >= 'w3'", "43")]
    [InlineData("Word STARTS_WITH 'w'", "43210")]
    [InlineData("Word NOT STARTS_WITH 'w1'", "4320")]
    [InlineData("When > '2031-01-03T01:00:00+02:00'", "432")]
    [InlineData("Prose = 'COMMON'", "43210")]
    [InlineData("Prose = 'word1 word2'", "21")]
    [InlineData("Prose = 'wor'", "")]
    [InlineData("Prose != 'word1'", "54320")]
    [InlineData("Words = 'l1'", "1")]
    [InlineData("Words != 'l1'", "54320")]
    [InlineData("Words IN ('l1', 'l2')", "21")]
    [InlineData("Number IS NULL", "5")]
    [InlineData("NOT Number IS NULL", "43210")]
    [InlineData("Number is not null", "43210")]
    [InlineData("NOT Number = 3", "4210")]
    [InlineData("NOT (WorkflowType = 'Even' OR Number = 1)", "3")]
    [InlineData("WorkflowType = 'Even' AND Number > 0 OR WorkflowId = 'id-5'", "542")]
    [InlineData("WorkflowType = 'Even' AND (Number > 0 OR WorkflowId = 'id-5')", "42")]
    [InlineData("ExecutionStatus = 'Running'", "54321")]
    [InlineData("ExecutionStatus = 5", "0")]
    [InlineData("ExecutionStatus > 1", "0")]
    [InlineData("ExecutionStatus IN ('Terminated', 'Completed')", "0")]
    [InlineData("CloseTime IS NULL", "54321")]
    [InlineData("StartTime > 0", "543210")]
    [InlineData("ExecutionDuration <= '1m'", "0")]
    [InlineData("ExecutionDuration < '59s500ms'", "")]
    [InlineData("ExecutionDuration = 60000000000", "0")]
    [InlineData("HistoryLength >= 1", "0")]
    [InlineData("TemporalNamespaceDivision IS NULL", "543210")]
    [InlineData("NamespaceDivision = 'x'", "")]
    [InlineData("WorkflowId = 'it''s' OR WorkflowId = 'id-2'", "2")]
    [InlineData("WorkflowId = 'id-1' GROUP BY ExecutionStatus", "1")]
    public void A_query_finds_the_rows_that_it_describes(string query, string numbers)
    {
        var registry = Rows.Attributes();
        var store = Rows.SixRows(registry);

        var page = store.List(VisibilityQuestion.Parse(Rows.Namespace, query, registry), 100, after: null);

        Assert.Equal(numbers, string.Concat(page.Rows.Select(row => row.WorkflowId[^1])));
    }

    [Theory]
    [InlineData("NoSuch = 1", "invalid search attribute: NoSuch")]
    [InlineData("workflowtype = 'Even'", "invalid search attribute: workflowtype")]
    [InlineData("ExecutionStatus = 'RUNNING'", "invalid ExecutionStatus value 'RUNNING'")]
    [InlineData("ExecutionStatus = 'Unspecified'", "invalid ExecutionStatus value")]
    [InlineData("ExecutionStatus = 'Running,Failed'", "invalid ExecutionStatus value")]
    [InlineData("StartTime > '2020-01-01'", "unable to parse datetime '2020-01-01'")]
    [InlineData("Number = 'five'", "Number of type Int: 'five'")]
    [InlineData("Word = 5", "Word of type Keyword: 5")]
    [InlineData("Flag > true", "")]
    [InlineData("Flag STARTS_WITH 't'", "")]
    [InlineData("Prose > 'a'", "operation is not supported")]
    [InlineData("Words STARTS_WITH 'a'", "operation is not supported")]
    [InlineData("Number = 1 ORDER BY StartTime", "'ORDER BY' clause")]
    [InlineData("LIMIT 5", "'LIMIT' clause")]
    [InlineData("GROUP BY WorkflowType", "not supported for search attribute WorkflowType")]
    [InlineData("GROUP BY ExecutionStatus, WorkflowType", "only a single field")]
    [InlineData("GROUP BY NoSuch", "invalid search attribute: NoSuch")]
    [InlineData("not a query", "syntax error at position 7 near 'query'")]
    [InlineData("WorkflowType = = 'x'", "syntax error at position 16 near '='")]
    [InlineData("WorkflowId = 'id", "the quote is not closed")]
    [InlineData("WorkflowId = ", "expected a value")]
    [InlineData("(WorkflowId = 'a'", "expected ')'")]
    [InlineData("WorkflowId = 'a' WorkflowId", "expected AND, OR or the end")]
    [InlineData("Number ; 1", "near ';'")]
    [InlineData("Number = 1x", "expected a value")]
    public void A_query_that_is_none_is_refused_with_its_reason(string query, string reason)
    {
        var refusal = Assert.Throws<EngineException>(() => VisibilityQuestion.Parse(Rows.Namespace, query, Rows.Attributes()));

        Assert.Equal(Grpc.Core.StatusCode.InvalidArgument, refusal.Code);
        Assert.StartsWith("invalid query: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_nested_too_deep_is_refused_and_does_not_end_the_process()
    {
        var query = new string('(', 5000) + "Number = 1" + new string(')', 5000);

        Assert.Throws<EngineException>(() => VisibilityQuestion.Parse(Rows.Namespace, query, Rows.Attributes()));
    }

    [Fact]
    public void A_long_chain_of_conditions_is_no_nesting()
    {
        var query = string.Join(" OR ", Enumerable.Repeat("Number = 1", 300));

        Assert.NotNull(VisibilityQuestion.Parse(Rows.Namespace, query, Rows.Attributes()));
    }
}
