using System.Collections.Immutable;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>Replaces the provisional ids that closes of buffered activities and children give as their Started event.</summary>
internal static class StartedReferences
{
    public static void Rewrite(HistoryEvent happened, IReadOnlyDictionary<long, long> ids)
    {
        var attributes = EventTypes.Attributes(happened);
        if (EventTypes.IsCompletion(happened.EventType)
            && attributes.Descriptor.FindFieldByName("started_event_id") is { } field
            && ids.TryGetValue((long)field.Accessor.GetValue(attributes), out var real))
        {
            field.Accessor.SetValue(attributes, real);
        }
    }

    public static ImmutableDictionary<long, ChildState> Rewrite(
        ImmutableDictionary<long, ChildState> children, IReadOnlyDictionary<long, long> ids)
    {
        foreach (var child in children.Values)
        {
            if (ids.TryGetValue(child.StartedEventId, out var real))
            {
                children = children.SetItem(child.InitiatedEventId, child with { StartedEventId = real });
            }
        }

        return children;
    }
}
