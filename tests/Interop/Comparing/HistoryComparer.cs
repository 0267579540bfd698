using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Interop.Tests.Comparing;

/// <summary>
/// Compares histories event by event: the same types in the same order, and every attribute the same, present or absent alike. Ids that servers and SDKs make are paired over all
/// histories that one comparer sees; what is not compared at all is in <see cref="EventJson"/>.
/// </summary>
internal sealed class HistoryComparer
{
    private const int ShownCharsMax = 300;
    private const string TaskWithAnswer = "request-from-RespondWorkflowTaskCompleted";
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Names of attributes whose values are made by a server or an SDK.</summary>
    private static readonly HashSet<string> MadeIds =
    [
        "requestId", "runId", "originalExecutionRunId", "firstExecutionRunId", "continuedExecutionRunId", "newExecutionRunId", "baseRunId", "newRunId",
        "namespaceId", "parentWorkflowNamespaceId",
    ];

    private readonly IdPairs _ids = new();

    /// <summary>All differences of two histories, in their order: where, and what.</summary>
    public IReadOnlyList<Difference> Compare(IReadOnlyList<HistoryEvent> recorded, IReadOnlyList<HistoryEvent> ours)
    {
        if (!recorded.Select(entry => entry.EventType).SequenceEqual(ours.Select(entry => entry.EventType)))
            return [new("events", $"recorded\n      {Types(recorded)}\n    ours\n      {Types(ours)}")];
        var found = new List<Difference>();
        foreach (var (theirs, mine) in recorded.Zip(ours))
            Compare(EventJson.Of(theirs), EventJson.Of(mine), $"{theirs.EventId} {theirs.EventType}", found);
        return found;
    }

    private void Compare(JsonNode? recorded, JsonNode? ours, string path, List<Difference> found)
    {
        switch (recorded, ours)
        {
            case (JsonObject left, JsonObject right):
                CompareMaps(left, right, path, found);
                break;
            case (JsonArray left, JsonArray right) when left.Count == right.Count:
                for (var i = 0; i < left.Count; i++)
                    Compare(left[i], right[i], $"{path}[{i}]", found);
                break;
            default:
                if (!JsonNode.DeepEquals(recorded, ours))
                    found.Add(new(path, $"recorded {Show(recorded)}, ours {Show(ours)}"));
                break;
        }
    }

    private void CompareMaps(JsonObject recorded, JsonObject ours, string path, List<Difference> found)
    {
        var sticky = (string?)recorded["kind"] == "TASK_QUEUE_KIND_STICKY" && (string?)ours["kind"] == "TASK_QUEUE_KIND_STICKY";
        foreach (var (name, value) in recorded)
        {
            var at = $"{path}/{name}";
            if (!ours.TryGetPropertyValue(name, out var mine))
                found.Add(new(at, $"recorded {Show(value)}, ours has none"));
            else if (MadeIds.Contains(name) || (sticky && name == "name") || (name == "workflowId" && Guid.TryParse((string?)value, out _)))
                PairIds(value, mine, at, found);
            else
                Compare(value, mine, at, found);
        }

        found.AddRange(ours.Where(item => !recorded.ContainsKey(item.Key)).Select(item => new Difference($"{path}/{item.Key}", $"recorded none, ours {Show(item.Value)}")));
    }

    private void PairIds(JsonNode? recorded, JsonNode? ours, string path, List<Difference> found)
    {
        // A task that came with the answer to the one before bears the server's name for that; whether it came so depends on the moment.
        if ((string?)recorded == TaskWithAnswer || (string?)ours == TaskWithAnswer)
            return;
        if (_ids.Pair((string)recorded!, (string)ours!) is { } broken)
            found.Add(new(path, broken));
    }

    private static string Types(IEnumerable<HistoryEvent> events) => string.Join(' ', events.Select(entry => entry.EventId + ":" + Short(entry.EventType)));

    private static string Short(EventType type) => type.ToString();

    private static string Show(JsonNode? node)
    {
        var text = node?.ToJsonString(Readable) ?? "null";
        return text.Length <= ShownCharsMax ? text : text[..ShownCharsMax] + "...";
    }
}

/// <summary>One difference: the event and the path in it, and both values.</summary>
internal sealed record Difference(string Path, string Text)
{
    public override string ToString() => $"{Path}: {Text}";
}
