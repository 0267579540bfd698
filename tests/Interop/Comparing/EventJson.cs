using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Temporalio.Api.History.V1;

namespace Dispatch.Interop.Tests.Comparing;

/// <summary>An event as it is compared: protobuf's JSON with payloads opened, less what differs from run to run by its nature.</summary>
internal static class EventJson
{
    /// <summary>Stands where a value that is never the same twice must be, and is.</summary>
    public const string Present = "(set)";

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);

    /// <summary>Times, sizes, stack traces, versions and what names the SDK: not compared, in whatever message they are.</summary>
    private static readonly HashSet<string> Dropped =
        ["eventTime", "taskId", "historySizeBytes", "stackTrace", "sdkName", "sdkVersion", "coreUsedFlags", "langUsedFlags", "workerVersion"];

    /// <summary>Instants that an attribute holds: that they are there is compared, not when.</summary>
    private static readonly HashSet<string> Instants = ["createTime", "expireTime", "workflowExecutionExpirationTime"];

    /// <summary>Fields that are maps by name, in which an empty message is an entry.</summary>
    private static readonly HashSet<string> Maps = ["fields", "indexedFields", "details"];

    /// <summary>Times in the marker that the SDK writes for a local activity; how it writes them is its own affair.</summary>
    private static readonly string[] MarkerTimes = ["complete_time", "original_schedule_time"];

    public static JsonObject Of(HistoryEvent entry) => (JsonObject)Clean(JsonNode.Parse(Formatter.Format(entry)))!;

    private static JsonNode? Clean(JsonNode? node, bool isMap = false) => node switch
    {
        JsonObject payload when payload.ContainsKey("metadata") && IsPayload(payload) => Opened(payload),
        JsonObject map => CleanMap(map, isMap),
        JsonArray list => new JsonArray([.. list.Select(item => Clean(item))]),
        _ => node?.DeepClone(),
    };

    private static JsonObject CleanMap(JsonObject map, bool isMap)
    {
        var clean = new JsonObject();
        foreach (var (name, value) in map)
        {
            if (Dropped.Contains(name))
                continue;
            var kept = Instants.Contains(name) ? Present : Clean(value, isMap: Maps.Contains(name));

            // An empty message says no more than none (which of the two is there depends on what the SDK sends), but for the entries of a map.
            if (kept is not JsonObject { Count: 0 } || isMap)
                clean[name] = kept;
        }

        // A run that goes on as a new one waits for what is left of a second, where something is left: measured, not set.
        // One that is tried again waits at least for that.
        if ((string?)clean["initiator"] == "CONTINUE_AS_NEW_INITIATOR_WORKFLOW")
            clean.Remove("firstWorkflowTaskBackoff");
        else if (clean.ContainsKey("initiator") && clean.ContainsKey("firstWorkflowTaskBackoff"))
            clean["firstWorkflowTaskBackoff"] = Present;

        // What the server says of its own failures is its own wording.
        if ((string?)clean["source"] == "Server" || clean.ContainsKey("serverFailureInfo") || clean.ContainsKey("timeoutFailureInfo"))
            clean.Remove("message");
        if ((string?)clean["markerName"] == "core_local_activity" && clean["details"]?["data"]?["payloads"]?[0]?["json"] is JsonObject marker)
        {
            foreach (var time in MarkerTimes.Where(marker.ContainsKey))
                marker[time] = Present;
        }

        return clean;
    }

    private static bool IsPayload(JsonObject map) => map["metadata"] is JsonObject metadata && metadata.ContainsKey("encoding") && map.All(item => item.Key is "metadata" or "data" or "externalPayloads");

    /// <summary>JSON in a payload is compared as JSON: order of names and spacing are the language's affair.</summary>
    private static JsonObject Opened(JsonObject payload)
    {
        var metadata = new JsonObject();
        foreach (var (name, value) in (JsonObject)payload["metadata"]!)
            metadata[name] = Encoding.UTF8.GetString(Convert.FromBase64String((string)value!));
        var data = Convert.FromBase64String((string?)payload["data"] ?? "");
        var opened = new JsonObject { ["metadata"] = metadata };
        if (((string?)metadata["encoding"])?.StartsWith("json/", StringComparison.Ordinal) == true && TryParse(data) is { } json)
            opened["json"] = json.Node?.DeepClone();
        else
            opened["data"] = Convert.ToHexStringLower(data);
        return opened;
    }

    private static (JsonNode? Node, bool Read)? TryParse(byte[] data)
    {
        try
        {
            return (JsonNode.Parse(data), true);
        }
        catch (JsonException)
        {
            // Not JSON after all: then its bytes are compared.
            return null;
        }
    }
}
