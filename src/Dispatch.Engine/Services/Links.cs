using Dispatch.Engine.History;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Services;

/// <summary>Links from an answer to the event that it made.</summary>
internal static class Links
{
    public static Link Started(WorkflowKey key, string runId) => new()
    {
        WorkflowEvent = new Link.Types.WorkflowEvent
        {
            Namespace = key.Namespace,
            WorkflowId = key.WorkflowId,
            RunId = runId,
            EventRef = new Link.Types.WorkflowEvent.Types.EventReference { EventId = 1, EventType = EventType.WorkflowExecutionStarted },
        },
    };

    public static Link Request(WorkflowKey key, string runId, string requestId, EventType type) => new()
    {
        WorkflowEvent = new Link.Types.WorkflowEvent
        {
            Namespace = key.Namespace,
            WorkflowId = key.WorkflowId,
            RunId = runId,
            RequestIdRef = new Link.Types.WorkflowEvent.Types.RequestIdReference { RequestId = requestId, EventType = type },
        },
    };

    public static Link Workflow(WorkflowKey key, string runId, string reason) => new()
    {
        Workflow = new Link.Types.Workflow { Namespace = key.Namespace, WorkflowId = key.WorkflowId, RunId = runId, Reason = reason },
    };
}
