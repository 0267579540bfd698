using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>What a start that found an open run leaves in it.</summary>
internal static class Attaching
{
    public static void Attach(Decision decision, string requestId, IEnumerable<Link> links)
    {
        var updated = new HistoryEvent
        {
            WorkerMayIgnore = true,
            WorkflowExecutionOptionsUpdatedEventAttributes = new WorkflowExecutionOptionsUpdatedEventAttributes { AttachedRequestId = requestId },
        };
        updated.Links.AddRange(links);
        decision.Add(updated);
        if (requestId.Length > 0)
        {
            decision.State = decision.State with
            {
                RequestIds = decision.State.RequestIds.SetItem(
                    requestId, new RequestIdState(EventType.WorkflowExecutionOptionsUpdated, updated.EventId)),
            };
        }
    }
}
