using System.Text.Json;
using Dispatch.Contracts;
using Temporalio.Api.Common.V1;
using Temporalio.Common;

namespace Dispatch.Workflows.Jobs;

/// <summary>Who started a job, as <c>ConversationOpened</c> has it.</summary>
public static class JobTrigger
{
    /// <summary>The <c>dispatch</c> command.</summary>
    public const string Cli = "cli";

    /// <summary>A Temporal client. Its identity is in the first event of the history; workflow code does not get to see it.</summary>
    public const string Temporal = "temporal";

    /// <summary>Most characters that are kept.</summary>
    public const int CharactersMax = 100;

    /// <summary>The HTTP API.</summary>
    /// <param name="address">The caller's address.</param>
    /// <returns><c>endpoint(ADDRESS)</c>.</returns>
    public static string Endpoint(string address) => $"endpoint({address})";

    /// <summary>The trigger of a run: what our clients say, else what Temporal knows.</summary>
    /// <param name="headers">The start's headers.</param>
    /// <param name="scheduleId">The schedule that started it.</param>
    /// <param name="parentId">The workflow whose child it is.</param>
    /// <returns>The trigger.</returns>
    internal static string Of(IReadOnlyDictionary<string, Payload>? headers, string? scheduleId, string? parentId)
    {
        var said = headers is not null && headers.TryGetValue(JobNames.TriggerHeader, out var payload) ? Text(payload) : null;
        var trigger = said ?? (scheduleId is not null ? $"schedule({scheduleId})" : parentId is not null ? $"child({parentId})" : Temporal);
        return trigger.Length <= CharactersMax ? trigger : string.Concat(trigger.AsSpan(0, CharactersMax - 1), "…");
    }

    /// <summary>The search attribute by which a schedule marks what it starts.</summary>
    internal static SearchAttributeKey<string> ScheduledBy { get; } = SearchAttributeKey.CreateKeyword("TemporalScheduledById");

    private static string? Text(Payload payload)
    {
        try
        {
            var text = JsonSerializer.Deserialize<string>(payload.Data.Span);
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
