using Dispatch.Engine.Frontend;
using Dispatch.Engine.History;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.Runs;

/// <summary>Starts a child's first run in the slot of its workflow id.</summary>
internal static class ChildStarts
{
    /// <returns>The run id; null when the workflow id is taken.</returns>
    public static string? Start(Turn turn, RunState parent, ChildState child)
    {
        var initiated = child.Initiated;
        var requestId = $"{parent.RunId}:{child.InitiatedEventId}:0";
        var runId = turn.Ids.NewId();
        if (turn.Current is { } current)
        {
            if (current.State.StartRequestId == requestId)
            {
                return current.State.RunId;
            }

            var replaces = initiated.WorkflowIdReusePolicy == WorkflowIdReusePolicy.TerminateIfRunning;
            try
            {
                StartPolicies.Admits(
                    current,
                    initiated.WorkflowIdReusePolicy,
                    replaces ? WorkflowIdConflictPolicy.TerminateExisting : WorkflowIdConflictPolicy.Fail);
            }
            catch (EngineException)
            {
                // The parent hears of it as an event, whatever the reason.
                return null;
            }

            if (current.State.IsOpen)
            {
                StartPolicies.Replace(turn, current, runId);
            }
        }

        var cron = initiated.CronSchedule.Length > 0 ? CronSchedule.TryParse(initiated.CronSchedule)?.Next(turn.Now, turn.Now) : null;
        var backoff = cron - turn.Now ?? TimeSpan.Zero;
        var start = new RunStart
        {
            Key = new WorkflowKey(initiated.NamespaceId, initiated.Namespace, initiated.WorkflowId),
            RunId = runId,
            RequestId = requestId,
            UserMetadata = child.UserMetadata,
            Backoff = backoff,
            Parent = new ParentLink(parent.Key, parent.RunId, child.InitiatedEventId),
            Attributes = new WorkflowExecutionStartedEventAttributes
            {
                WorkflowType = initiated.WorkflowType,
                TaskQueue = initiated.TaskQueue,
                Input = initiated.Input,
                WorkflowExecutionTimeout = initiated.WorkflowExecutionTimeout,
                WorkflowRunTimeout = initiated.WorkflowRunTimeout,
                WorkflowTaskTimeout = initiated.WorkflowTaskTimeout,
                ParentWorkflowNamespace = parent.Key.Namespace,
                ParentWorkflowNamespaceId = parent.Key.NamespaceId,
                ParentWorkflowExecution = parent.Execution,
                ParentInitiatedEventId = child.InitiatedEventId,
                RootWorkflowExecution = parent.Start.RootWorkflowExecution ?? parent.Execution,
                RetryPolicy = initiated.RetryPolicy,
                CronSchedule = initiated.CronSchedule,
                Initiator = initiated.CronSchedule.Length > 0 ? ContinueAsNewInitiator.CronSchedule : ContinueAsNewInitiator.Unspecified,
                FirstWorkflowTaskBackoff = backoff.ToProto(),
                Memo = initiated.Memo,
                SearchAttributes = initiated.SearchAttributes,
                Header = initiated.Header,
                Priority = initiated.Priority ?? parent.Start.Priority,
            },
        };
        Starting.Launch(turn.Begin(start));
        return runId;
    }
}
