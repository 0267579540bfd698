using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>Markers, memo and search attributes.</summary>
internal static class PropertyCommands
{
    private const WorkflowTaskFailedCause BadAttributes = WorkflowTaskFailedCause.BadSearchAttributes;

    public static void RecordMarker(CommandContext context, Command command)
    {
        var attributes = command.RecordMarkerCommandAttributes;
        CommandContext.RequireName(
            attributes?.MarkerName, WorkflowTaskFailedCause.BadRecordMarkerAttributes, "MarkerName", nameof(CommandType.RecordMarker));
        var marker = new MarkerRecordedEventAttributes
        {
            MarkerName = attributes!.MarkerName,
            Header = attributes.Header,
            Failure = attributes.Failure,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
        };
        marker.Details.Add(attributes.Details);
        context.Add(command, new HistoryEvent { MarkerRecordedEventAttributes = marker });
    }

    public static void UpsertSearchAttributes(CommandContext context, Command command)
    {
        var given = command.UpsertWorkflowSearchAttributesCommandAttributes?.SearchAttributes;
        CommandContext.Require(given is not null, BadAttributes, "SearchAttributes is not set on UpsertWorkflowSearchAttributesCommand.");
        CommandContext.Require(given!.IndexedFields.Count > 0, BadAttributes, "IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.");
        var stamped = CommandContext.Check(BadAttributes, () => context.Rules.CheckSearchAttributes(given))!;
        context.Add(command, new HistoryEvent
        {
            UpsertWorkflowSearchAttributesEventAttributes = new UpsertWorkflowSearchAttributesEventAttributes
            {
                WorkflowTaskCompletedEventId = context.CompletedEventId,
                SearchAttributes = stamped,
            },
        });
        context.State = context.State with { SearchAttributes = Merged(context.State.SearchAttributes, stamped.IndexedFields) };
        context.Decision.Do(new Effect.RecordVisibility(context.State));
    }

    public static void ModifyProperties(CommandContext context, Command command)
    {
        var memo = command.ModifyWorkflowPropertiesCommandAttributes?.UpsertedMemo;
        CommandContext.Require(
            memo is not null,
            WorkflowTaskFailedCause.BadModifyWorkflowPropertiesAttributes,
            "UpsertedMemo is not set on ModifyWorkflowPropertiesCommand.");
        context.Add(command, new HistoryEvent
        {
            WorkflowPropertiesModifiedEventAttributes = new WorkflowPropertiesModifiedEventAttributes
            {
                WorkflowTaskCompletedEventId = context.CompletedEventId,
                UpsertedMemo = memo,
            },
        });
        context.State = context.State with { Memo = Merged(context.State.Memo, memo!.Fields) };
        context.Decision.Do(new Effect.RecordVisibility(context.State));
    }

    /// <summary>A payload that holds nothing deletes its key.</summary>
    private static ImmutableDictionary<string, Payload> Merged(
        ImmutableDictionary<string, Payload> before, MapField<string, Payload> upserted)
    {
        var merged = before.ToBuilder();
        foreach (var (key, payload) in upserted)
        {
            if (IsNothing(payload))
            {
                merged.Remove(key);
            }
            else
            {
                merged[key] = payload;
            }
        }

        return merged.ToImmutable();
    }

    private static bool IsNothing(Payload payload) =>
        payload.Data.IsEmpty
        || payload.Data.Length <= 4
        && payload.Data.ToStringUtf8() is "null" or "[]"
        || payload.Metadata.TryGetValue("encoding", out var encoding) && encoding.ToStringUtf8() == "binary/null";
}
