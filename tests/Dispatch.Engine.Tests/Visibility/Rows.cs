using Dispatch.Engine.Visibility;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Tests.Visibility;

/// <summary>Rows for tests: six workflows <c>id-0</c> to <c>id-5</c>, each started a second after the one before; the last has no attributes.</summary>
internal static class Rows
{
    public const string Namespace = "ns";

    public static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SearchAttributeRegistry Attributes()
    {
        var registry = new SearchAttributeRegistry();
        registry.Add(Namespace, new Dictionary<string, IndexedValueType>
        {
            ["Word"] = IndexedValueType.Keyword,
            ["Words"] = IndexedValueType.KeywordList,
            ["Prose"] = IndexedValueType.Text,
            ["Number"] = IndexedValueType.Int,
            ["Share"] = IndexedValueType.Double,
            ["Flag"] = IndexedValueType.Bool,
            ["When"] = IndexedValueType.Datetime,
        });
        return registry;
    }

    public static VisibilityRow Row(
        int number,
        WorkflowExecutionStatus status = WorkflowExecutionStatus.Running,
        TimeSpan? closedAfter = null,
        SearchAttributes? searchAttributes = null) => new()
    {
        Namespace = Namespace,
        WorkflowId = $"id-{number}",
        RunId = $"run-{number:000000}",
        WorkflowType = number % 2 == 0 ? "Even" : "Odd",
        TaskQueue = "queue",
        Status = status,
        StartTime = Start.AddSeconds(number),
        ExecutionTime = Start.AddSeconds(number),
        CloseTime = status == WorkflowExecutionStatus.Running ? null : Start.AddSeconds(number) + (closedAfter ?? TimeSpan.FromMinutes(1)),
        HistoryLength = 7,
        SearchAttributes = searchAttributes,
    };

    public static InMemoryVisibilityStore SixRows(SearchAttributeRegistry registry)
    {
        var store = new InMemoryVisibilityStore(rowsMax: 100);
        for (var number = 0; number < 6; number++)
        {
            var given = number == 5 ? null : new SearchAttributes
            {
                IndexedFields =
                {
                    ["Word"] = Json($"\"w{number}\""),
                    ["Words"] = Json($"[\"all\",\"l{number}\"]"),
                    ["Prose"] = Json($"\"Common word{number}, here\""),
                    ["Number"] = Json($"{number}"),
                    ["Share"] = Json($"{number}.5"),
                    ["Flag"] = Json(number < 3 ? "true" : "false"),
                    ["When"] = Json($"\"2031-01-0{number + 1}T00:00:00Z\""),
                },
            };
            store.Record(Row(
                number,
                number == 0 ? WorkflowExecutionStatus.Terminated : WorkflowExecutionStatus.Running,
                searchAttributes: registry.Checked(Namespace, given)));
        }

        return store;
    }

    public static Payload Json(string json) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        Data = ByteString.CopyFromUtf8(json),
    };
}
