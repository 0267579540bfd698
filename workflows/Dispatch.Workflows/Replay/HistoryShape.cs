using System.Text.Json;
using Temporalio.Common;

namespace Dispatch.Workflows.Replay;

/// <summary>Says why a text could not be read as a history, where the SDK's reader says nothing of use: it is no JSON, or JSON of another shape.</summary>
internal static class HistoryShape
{
    /// <summary>What is wrong.</summary>
    /// <param name="json">The text.</param>
    /// <returns>A sentence without its subject and end, such as <c>its event 3 is null, not an object</c>.</returns>
    public static string Problem(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Problem(document.RootElement);
        }
        catch (JsonException exception)
        {
            // The parser counts from 0 and tells the place behind its reason.
            return $"it is no JSON, or was cut off, at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {exception.Message.Split(" LineNumber:")[0].TrimEnd('.', ' ')}";
        }
    }

    private static string Problem(JsonElement history)
    {
        if (history.ValueKind != JsonValueKind.Object) return $"it is {Called(history)}, not an object with 'events'";
        if (history.TryGetProperty("events", out var events) && events.ValueKind != JsonValueKind.Array) return $"its 'events' is {Called(events)}, not a list";
        var number = 0;
        foreach (var recorded in events.ValueKind == JsonValueKind.Array ? events.EnumerateArray().ToArray() : [])
        {
            number++;
            if (recorded.ValueKind != JsonValueKind.Object) return $"its event {number} is {Called(recorded)}, not an object";
            if (!IsEvent(recorded)) return $"its event {number} has something else where a server writes an object or a list";
        }

        return "it is JSON of another shape than a server writes";
    }

    private static bool IsEvent(JsonElement recorded)
    {
        try
        {
            WorkflowHistory.FromJson("unknown", $$"""{"events":[{{recorded.GetRawText()}}]}""");
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
        catch (Exception exception) when (HistoryFile.IsOfAnotherContent(exception))
        {
            return true;
        }
    }

    private static string Called(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => "true or false",
    };
}
