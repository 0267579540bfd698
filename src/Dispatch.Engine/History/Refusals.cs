using Dispatch.Engine.Frontend;
using Grpc.Core;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.ErrorDetails.V1;

namespace Dispatch.Engine.History;

/// <summary>The refusals that histories give. Clients compare some of the texts.</summary>
internal static class Refusals
{
    public static EngineException NotFound(string message) => new(StatusCode.NotFound, message, new NotFoundFailure());

    public static EngineException NoWorkflow(string workflowId, string runId) => NotFound(
        runId.Length == 0
            ? $"workflow not found for ID: {workflowId}"
            : $"workflow execution not found for workflow ID \"{workflowId}\" and run ID \"{runId}\"");

    public static EngineException AlreadyCompleted() => NotFound("workflow execution already completed");

    public static EngineException NoWorkflowTask() => NotFound("Workflow task not found.");

    public static EngineException NoActivity() =>
        NotFound("invalid activityID or activity already timed out or invoking workflow is completed");

    public static EngineException NotReady(string message) => new(StatusCode.FailedPrecondition, message, new WorkflowNotReadyFailure());

    public static EngineException FailedPrecondition(string message) => new(StatusCode.FailedPrecondition, message);

    public static EngineException Exhausted(ResourceExhaustedCause cause, string message) => new(
        StatusCode.ResourceExhausted,
        message,
        new ResourceExhaustedFailure { Cause = cause, Scope = ResourceExhaustedScope.Namespace });

    public static EngineException Busy() => Exhausted(
        ResourceExhaustedCause.BusyWorkflow, "workflow operation can not be applied because workflow is closing");

    public static EngineException AlreadyStarted(RunState run, string message) => new(
        StatusCode.AlreadyExists,
        message,
        new WorkflowExecutionAlreadyStartedFailure
        {
            StartRequestId = run.StartRequestId,
            RunId = run.RunId,
            FirstExecutionRunId = run.Start.FirstExecutionRunId,
        });

    public static void RequireOpen(RunState state)
    {
        if (!state.IsOpen)
        {
            throw AlreadyCompleted();
        }
    }

    /// <summary>Holds new work off while a worker whose close was refused tries again.</summary>
    public static void RequireNotClosing(RunState state)
    {
        if (state is { CloseAttempted: true, Task.IsStarted: true })
        {
            throw Busy();
        }
    }
}
