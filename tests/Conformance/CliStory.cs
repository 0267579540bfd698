using System.Text.Json.Nodes;

namespace Dispatch.Conformance;

/// <summary>
/// The commands of the Temporal CLI as scenarios: each call that a command made, with what is particular to that day (ids, times,
/// the worker's own marks) turned into symbols.
/// </summary>
internal static class CliStory
{
    /// <summary>Seconds that a call which only reads may be repeated for: what it reads may still be on its way.</summary>
    private const double Patience = 10;

    /// <summary>Commands for things that the engine doesn't serve.</summary>
    private static readonly string[] LeftOut =
    [
        "batch-", "reset-first", "reset-event", "delete", "schedule", "worker-list", "partitions", "nexus", "fix-history",
    ];

    private static readonly HashSet<string> Reading =
    [
        "DescribeWorkflowExecution", "ListWorkflowExecutions", "CountWorkflowExecutions", "DescribeTaskQueue", "QueryWorkflow",
    ];

    /// <summary>What depends on the worker's SDK and build, or is a server's own capability or statistic.</summary>
    private static readonly string[] Ignored =
    [
        "*/version", "*/taskId", "*/historySizeBytes", "*/stateTransitionCount", "*/executionDuration", "*/versioningInfo",
        "*/workerVersion", "*/sdkMetadata", "*/buildId", "*/mostRecentWorkerVersionStamp", "*/autoResetPoints", "*/workerVersionCapabilities",
        "*/indexedFields/BuildIds", "*/stackTrace", "*/failure/source", "*/tasksAddRate", "*/tasksDispatchRate", "*/ratePerSecond",
        "*/capabilities", "*/supportsSchedules", "*/serverVersion", "*/customSearchAttributeAliases", "*/supportedClients", "*/clusterId",
        "*/persistenceStore", "*/visibilityStore", "*/approximateBacklogAge", "*/versionInfo",
    ];

    private static readonly string[] Unordered = ["*/executions", "*/groups", "*/pollers", "*/namespaces"];

    public static IEnumerable<Scenario> Read(string folder)
    {
        var abstraction = new Abstraction();
        var policy = new Policy(Ignored, Unordered);
        var workersOwn = new Policy([.. Ignored, "*/queryResult"], Unordered); // what an SDK says of itself
        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var calls = JsonNode.Parse(File.ReadAllText(file))!["rpcs"]!.AsArray()
                .Select(call => call!.AsObject())
                .ToList();

            // Every command asks for the system's information first; some do nothing else.
            var others = calls.Where(call => (string)call["method"]! != "GetSystemInfo").ToList();
            var wanted = others.Count > 0 ? others : calls;
            if (wanted.Count > 0 && !LeftOut.Any(word => name.Contains(word, StringComparison.Ordinal)))
            {
                yield return new Scenario($"cli/{name}", name.Contains("metadata", StringComparison.Ordinal) ? workersOwn : policy, [.. Steps(wanted, abstraction)]);
            }
        }
    }

    private static IEnumerable<JsonObject> Steps(IEnumerable<JsonObject> calls, Abstraction abstraction)
    {
        JsonObject? history = null;
        foreach (var call in calls)
        {
            var step = Step(call, abstraction);
            var isHistory = (string)step["call"]! == "GetWorkflowExecutionHistory";
            if (isHistory && history is not null && step["request"]!["nextPageToken"] is not null)
            {
                Append(history, step);
                continue;
            }

            if (history is not null)
            {
                yield return history;
            }

            history = isHistory ? step : null;
            if (isHistory)
            {
                step["readToEnd"] = true;
                (step["expect"]!["response"] as JsonObject)?.Remove("nextPageToken");
            }
            else
            {
                yield return step;
            }
        }

        if (history is not null)
        {
            yield return history;
        }
    }

    /// <summary>Puts the events of a further page behind those of the pages before.</summary>
    private static void Append(JsonObject history, JsonObject page)
    {
        var events = history["expect"]!["response"]!["history"]!["events"]!.AsArray();
        foreach (var item in page["expect"]!["response"]!["history"]?["events"]?.AsArray() ?? [])
        {
            events.Add(item!.DeepClone());
        }
    }

    private static JsonObject Step(JsonObject call, Abstraction abstraction)
    {
        var method = (string)call["method"]!;
        var prefix = ((string?)call["service"])?.Split('.')[^1] switch
        {
            "OperatorService" => "operator.",
            "Health" => "health.",
            _ => "",
        };
        var step = new JsonObject
        {
            ["call"] = prefix + method,
            ["timeout"] = call["timeout"]?.DeepClone(),
            ["metadata"] = call["meta"]?.DeepClone(),
            ["request"] = abstraction.Request(call["request"]),
        };
        var expect = new JsonObject { ["code"] = (string)call["code"]! };
        if (call["error"]?["details"] is { } details)
        {
            expect["details"] = abstraction.Response(details);
        }

        if (prefix == "health.")
        {
            expect["response"] = new JsonObject { ["status"] = "SERVING" };
            step["request"] = new JsonObject { ["service"] = "temporal.api.workflowservice.v1.WorkflowService" };
        }
        else if (call["response"] is { } response)
        {
            expect["response"] = abstraction.Response(response);
        }

        step["expect"] = expect;
        if (Reading.Contains(method))
        {
            step["eventually"] = Patience;
        }

        return step;
    }
}
