using Dispatch.Engine.History;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.Runs;

/// <summary>Whether a workflow id that was used before may be used again.</summary>
internal static class StartPolicies
{
    /// <summary>Decides about a new run beside the latest one.</summary>
    /// <returns>True when a new run may begin; false when the open run is to be used.</returns>
    /// <exception cref="Frontend.EngineException">ALREADY_EXISTS.</exception>
    public static bool Admits(Run current, WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict)
    {
        var state = current.State;
        if (state.IsOpen)
        {
            return conflict switch
            {
                WorkflowIdConflictPolicy.UseExisting => false,
                WorkflowIdConflictPolicy.TerminateExisting => true,
                _ => throw Refusals.AlreadyStarted(
                    state, $"Workflow execution is already running. WorkflowId: {state.Key.WorkflowId}, RunId: {state.RunId}."),
            };
        }

        return reuse switch
        {
            WorkflowIdReusePolicy.RejectDuplicate => throw Refusals.AlreadyStarted(
                state,
                $"Workflow execution already finished. WorkflowId: {state.Key.WorkflowId}, RunId: {state.RunId}. Workflow Id reuse policy: reject duplicate workflow Id."),
            WorkflowIdReusePolicy.AllowDuplicateFailedOnly when state.Status == WorkflowExecutionStatus.Completed => throw Refusals.AlreadyStarted(
                state,
                $"Workflow execution already finished successfully. WorkflowId: {state.Key.WorkflowId}, RunId: {state.RunId}. Workflow Id reuse policy: allow duplicate workflow Id if last run failed."),
            _ => true,
        };
    }

    /// <summary>Ends the open run because a new one takes its place.</summary>
    public static void Replace(Turn turn, Run current, string newRunId)
    {
        var details = new Payload { Data = ByteString.CopyFromUtf8($"\"terminated by new runID: {newRunId}\"") };
        details.Metadata["encoding"] = ByteString.CopyFromUtf8("json/plain");
        Closing.Terminate(
            turn.Decide(current),
            "TerminateIfRunning WorkflowIdReusePolicy",
            Closing.EngineIdentity,
            new Payloads { Payloads_ = { details } });
    }
}
