using Dispatch.Engine.History;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Dispatch.Engine.Frontend;

/// <summary>What must hold of every request that starts a workflow.</summary>
internal static class StartRules
{
    private const int FairnessKeyBytesMax = 64;

    public static void Check(StartWorkflowExecutionRequest start)
    {
        Names(start.WorkflowId, start.WorkflowType, start.RequestId);
        RequestValidation.Queue(start.TaskQueue);
        Timeouts(start.WorkflowExecutionTimeout, start.WorkflowRunTimeout, start.WorkflowTaskTimeout, start.WorkflowStartDelay);
        RetryPolicyRules.Check(start.RetryPolicy);
        Cron(start.CronSchedule, start.WorkflowStartDelay);
        Policies(start.WorkflowIdReusePolicy, start.WorkflowIdConflictPolicy);
        Priority(start.Priority);
        RequestValidation.Blob(start.Input);
        RequestValidation.Blob(start.Memo);
        LinkRules.Check(start.Links);
        if (start.CompletionCallbacks.Count > 0)
        {
            throw EngineException.InvalidArgument("Completion callbacks are not served; start the workflow without them.");
        }

        if (start.OnConflictOptions is { AttachCompletionCallbacks: true, AttachRequestId: false })
        {
            throw EngineException.InvalidArgument("attaching request ID is required for attaching completion callbacks");
        }
    }

    public static void Check(SignalWithStartWorkflowExecutionRequest start)
    {
        RequestValidation.Set(start.WorkflowId, "WorkflowId");
        RequestValidation.Set(start.SignalName, "SignalName");
        RequestValidation.Length(start.SignalName, "SignalName");
        Check(StartPart(start));
        if (start.WorkflowIdConflictPolicy == WorkflowIdConflictPolicy.Fail)
        {
            throw EngineException.InvalidArgument(
                "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.");
        }

        RequestValidation.Blob(start.SignalInput);
    }

    /// <summary>What of a signal-with-start is a start.</summary>
    public static StartWorkflowExecutionRequest StartPart(SignalWithStartWorkflowExecutionRequest request) => new()
    {
        WorkflowId = request.WorkflowId,
        WorkflowType = request.WorkflowType,
        TaskQueue = request.TaskQueue,
        Input = request.Input,
        WorkflowExecutionTimeout = request.WorkflowExecutionTimeout,
        WorkflowRunTimeout = request.WorkflowRunTimeout,
        WorkflowTaskTimeout = request.WorkflowTaskTimeout,
        Identity = request.Identity,
        RequestId = request.RequestId,
        WorkflowIdReusePolicy = request.WorkflowIdReusePolicy,
        WorkflowIdConflictPolicy = request.WorkflowIdConflictPolicy,
        RetryPolicy = request.RetryPolicy,
        CronSchedule = request.CronSchedule,
        Memo = request.Memo,
        Header = request.Header,
        WorkflowStartDelay = request.WorkflowStartDelay,
        UserMetadata = request.UserMetadata,
        Priority = request.Priority,
        Links = { request.Links },
    };

    private static void Names(string workflowId, WorkflowType? type, string requestId)
    {
        RequestValidation.Set(workflowId, "WorkflowId");
        if (RequestValidation.IsTooLong(workflowId))
        {
            throw EngineException.InvalidArgument(
                $"WorkflowId exceeds maximum allowed length ({System.Text.Encoding.UTF8.GetByteCount(workflowId)}/{RequestValidation.NameBytesMax})");
        }

        RequestValidation.Set(type?.Name, "WorkflowType");
        RequestValidation.Length(type!.Name, "WorkflowType");
        RequestValidation.Length(requestId, "RequestId");
    }

    public static void Timeouts(Duration? execution, Duration? run, Duration? task, Duration? delay)
    {
        NotNegative(execution, "WorkflowExecutionTimeoutSeconds");
        NotNegative(run, "WorkflowRunTimeoutSeconds");
        NotNegative(task, "WorkflowTaskTimeoutSeconds");
        NotNegative(delay, "WorkflowStartDelaySeconds");
    }

    public static void NotNegative(Duration? value, string name)
    {
        if (value.IsNegative())
        {
            throw EngineException.InvalidArgument($"An invalid {name} is set on request. cause: negative duration");
        }
    }

    public static void Cron(string schedule, Duration? delay)
    {
        if (schedule.Length == 0)
        {
            return;
        }

        if (delay is not null)
        {
            throw EngineException.InvalidArgument("CronSchedule and WorkflowStartDelay may not be used together.");
        }

        if (CronSchedule.TryParse(schedule) is null)
        {
            throw EngineException.InvalidArgument("invalid CronSchedule.");
        }
    }

    private static void Policies(WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict)
    {
#pragma warning disable CS0612 // The old way to say "terminate the open one" must still be told apart.
        const WorkflowIdReusePolicy terminateIfRunning = WorkflowIdReusePolicy.TerminateIfRunning;
#pragma warning restore CS0612
        if (reuse == terminateIfRunning && conflict != WorkflowIdConflictPolicy.Unspecified)
        {
            throw EngineException.InvalidArgument(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with a WorkflowIDConflictPolicy");
        }

        if (reuse == WorkflowIdReusePolicy.RejectDuplicate && conflict == WorkflowIdConflictPolicy.TerminateExisting)
        {
            throw EngineException.InvalidArgument(
                "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING");
        }
    }

    public static void Priority(Priority? priority)
    {
        if (priority?.PriorityKey < 0)
        {
            throw EngineException.InvalidArgument("priority key can't be negative");
        }

        if (priority is not null && System.Text.Encoding.UTF8.GetByteCount(priority.FairnessKey) > FairnessKeyBytesMax)
        {
            throw EngineException.InvalidArgument("fairness key length exceeds limit");
        }
    }
}
