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
    [InlineData("ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_TERMINATED'", "0")]
    [InlineData("ExecutionStatus IN (1, 'Terminated')", "543210")]
    [InlineData("ExecutionStatus BETWEEN 2 AND 6", "0")]
    [InlineData("ExecutionStatus = 'Unspecified'", "")]
    [InlineData("ExecutionStatus IS NOT NULL", "543210")]
    [InlineData("ExecutionDuration <= '00:01:00'", "0")]
    [InlineData("ExecutionDuration < '1.5h'", "0")]
    [InlineData("ExecutionDuration < '1d'", "0")]
    [InlineData("ExecutionDuration > '-1h'", "0")]
    [InlineData("ExecutionDuration = '60000000000'", "0")]
    [InlineData("ExecutionDuration BETWEEN '1s' AND '2m'", "0")]
    [InlineData("ExecutionDuration NOT BETWEEN '1s' AND '2m'", "")]
    [InlineData("Flag > false", "210")]
    [InlineData("Flag IN (true)", "210")]
    [InlineData("Flag NOT IN (true, false)", "")]
    [InlineData("Share BETWEEN 1 AND 3.5", "321")]
    [InlineData("Share IN (0.5, 1.5)", "10")]
    [InlineData("Number IN (1, 2.0)", "21")]
    [InlineData("Number NOT IN (1, 2)", "430")]
    [InlineData("Number >= + 3", "43")]
    [InlineData("Number > - 1 && Number < 2 || WorkflowId = 'id-5'", "510")]
    [InlineData("Number = 1;", "1")]
    [InlineData("  Number = 1  ", "1")]
    [InlineData("Word BETWEEN 'w1' AND 'w3'", "321")]
    [InlineData("Word NOT BETWEEN 'w1' AND 'w3'", "40")]
    [InlineData("Word IN ('w1')", "1")]
    [InlineData("Word NOT IN ('w1')", "4320")]
    [InlineData("Words NOT IN ('l1', 'l2')", "5430")]
    [InlineData("Words IS NULL", "5")]
    [InlineData("Prose IS NOT NULL", "43210")]
    [InlineData("When BETWEEN '2031-01-02T00:00:00Z' AND '2031-01-03T00:00:00.000000001Z'", "21")]
    [InlineData("When NOT BETWEEN '2031-01-02T00:00:00Z' AND '2031-01-03T00:00:00Z'", "430")]
    [InlineData("When IN ('2031-01-02T01:00:00+01:00')", "1")]
    [InlineData("When = 1925078400000000000", "1")]
    [InlineData("StartTime BETWEEN '2030-01-01T00:00:01Z' AND '2030-01-01T00:00:02Z'", "21")]
    [InlineData("CloseTime < '2100-01-01T00:00:00Z'", "0")]
    [InlineData("NOT CloseTime < '2100-01-01T00:00:00Z'", "")]
    [InlineData("NOT NOT Number = 1", "1")]
    [InlineData("Not (Number = 1 And Not Number = 2)", "4320")]
    [InlineData("ScheduleId = 'id-1'", "1")]
    [InlineData("TemporalBuildIds = 'x'", "")]
    [InlineData("ScheduledById IS NULL", "543210")]
    [InlineData("WorkflowId = 'it\\'s' OR WorkflowId = \"id-2\"", "2")]
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
    [InlineData("ExecutionStatus = 99", "invalid ExecutionStatus value 99")]
    [InlineData("ExecutionStatus = 1.5", "invalid ExecutionStatus value 1.5")]
    [InlineData("ExecutionStatus = true", "invalid ExecutionStatus value True")]
    [InlineData("ExecutionStatus STARTS_WITH 'Run'", "")]
    [InlineData("ExecutionDuration = 'long'", "invalid duration value")]
    [InlineData("ExecutionDuration = 1.5", "ExecutionDuration of type Int: 1.5")]
    [InlineData("Number BETWEEN 1 AND 'x'", "Number of type Int: 'x'")]
    [InlineData("Number IN (1, 'x')", "Number of type Int: 'x'")]
    [InlineData("Number IN ()", "expected a value")]
    [InlineData("Number IN 1", "expected '('")]
    [InlineData("Number = (1)", "expected a value")]
    [InlineData("Number = true", "Number of type Int: True")]
    [InlineData("Share = '1.5'", "Share of type Double: '1.5'")]
    [InlineData("Flag = 'true'", "Flag of type Bool: 'true'")]
    [InlineData("Flag = 1", "Flag of type Bool: 1")]
    [InlineData("Flag BETWEEN false AND true", "cannot do range condition")]
    [InlineData("When > '2031-01-02T00:00Z'", "unable to parse datetime")]
    [InlineData("When > '2031-01-02 00:00:00'", "unable to parse datetime")]
    [InlineData("When > 1.5", "When of type Datetime: 1.5")]
    [InlineData("When > true", "When of type Datetime: True")]
    [InlineData("Words = 1", "Words of type KeywordList: 1")]
    [InlineData("Words > 'a'", "operation is not supported")]
    [InlineData("Words BETWEEN 'a' AND 'b'", "cannot do range condition")]
    [InlineData("Prose IN ('a', 'b')", "operation is not supported")]
    [InlineData("Prose STARTS_WITH 'a'", "operation is not supported")]
    [InlineData("Prose BETWEEN 'a' AND 'b'", "cannot do range condition")]
    [InlineData("Prose = '  '", "no tokens found")]
    [InlineData("Prose = 5", "Prose of type Text: 5")]
    [InlineData("When STARTS_WITH '2031'", "unable to parse datetime")]
    [InlineData("When STARTS_WITH '2031-01-02T00:00:00Z'", "operation is not supported")]
    [InlineData("ORDER BY StartTime DESC", "'ORDER BY' clause")]
    [InlineData("Number = 1 LIMIT 1", "'LIMIT' clause")]
    [InlineData("Number IS 5", "expected NULL")]
    [InlineData("Number", "expected a comparison")]
    [InlineData("Number LIKE 'a%'", "expected a comparison")]
    [InlineData("Number = Share", "expected a value")]
    [InlineData("5 = Number", "expected the name of a search attribute")]
    [InlineData("Number + 1 = 2", "expected a comparison")]
    [InlineData("abs(Number) = 2", "expected a comparison")]
    [InlineData("Number = - 'x'", "expected a value")]
    [InlineData("Number = 1 AND", "expected the name of a search attribute")]
    [InlineData("Number = 1; Number = 2", "expected AND, OR or the end")]
    [InlineData("()", "expected the name of a search attribute")]
    [InlineData("Number = 99999999999999999999x", "expected a value")]
    [InlineData("ExecutionStatus = 'Running,Failed'", "invalid ExecutionStatus value")]
    [InlineData("StartTime > '2020-01-01'", "unable to parse datetime '2020-01-01'")]
    [InlineData("Number = 'five'", "Number of type Int: 'five'")]
    [InlineData("Word = 5", "Word of type Keyword: 5")]
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
    [InlineData("Number ? 1", "near '?'")]
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
    public void A_query_of_the_greatest_length_is_answered()
    {
        var registry = Rows.Attributes();
        var query = string.Join(" OR ", Enumerable.Repeat("Number=9", 5_400));

        Assert.Empty(Rows.SixRows(registry).List(VisibilityQuestion.Parse(Rows.Namespace, query, registry), 100, after: null).Rows);
    }

    [Fact]
    public void A_value_of_a_removed_attribute_is_not_taken_for_one_of_its_namesake()
    {
        var registry = Rows.Attributes();
        var store = Rows.SixRows(registry);
        registry.Remove(Rows.Namespace, ["Word"]);
        registry.Add(Rows.Namespace, [KeyValuePair.Create("Word", Temporalio.Api.Enums.V1.IndexedValueType.Int)]);

        Assert.Empty(store.List(VisibilityQuestion.Parse(Rows.Namespace, "Word > 0", registry), 100, after: null).Rows);
        Assert.Equal(6, store.List(VisibilityQuestion.Parse(Rows.Namespace, "Word IS NULL", registry), 100, after: null).Rows.Count);
    }

    [Fact]
    public void A_long_chain_of_conditions_is_no_nesting()
    {
        var query = string.Join(" OR ", Enumerable.Repeat("Number = 1", 300));

        Assert.NotNull(VisibilityQuestion.Parse(Rows.Namespace, query, Rows.Attributes()));
    }
}
