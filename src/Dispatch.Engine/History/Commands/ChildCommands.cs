using Dispatch.Engine.Frontend;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>Starts children.</summary>
internal static class ChildCommands
{
    private const WorkflowTaskFailedCause Bad = WorkflowTaskFailedCause.BadStartChildExecutionAttributes;

    public static void Start(CommandContext context, Command command)
    {
        var attributes = command.StartChildWorkflowExecutionCommandAttributes;
        CommandContext.Require(attributes is not null, Bad, "StartChildWorkflowExecutionCommandAttributes is not set on StartChildWorkflowExecutionCommand.");
        var name = attributes!.Namespace.Length > 0 ? attributes.Namespace : context.State.Key.Namespace;
        CommandContext.RequireName(attributes.WorkflowId, Bad, "WorkflowId", nameof(CommandType.StartChildWorkflowExecution));
        CommandContext.RequireName(attributes.WorkflowType?.Name, Bad, "WorkflowType", nameof(CommandType.StartChildWorkflowExecution));
        CommandContext.Check(Bad, () =>
        {
            StartRules.Timeouts(attributes.WorkflowExecutionTimeout, attributes.WorkflowRunTimeout, attributes.WorkflowTaskTimeout, delay: null);
            RetryPolicyRules.Check(attributes.RetryPolicy);
            StartRules.Cron(attributes.CronSchedule, delay: null);
            StartRules.Priority(attributes.Priority);
        });
        var namespaceId = context.Rules.FindNamespace(name) ?? throw NamespaceRegistry.Missing(name);
        CommandContext.Require(
            context.State.Children.Count < HistoryLimits.PendingChildrenMax,
            WorkflowTaskFailedCause.PendingChildWorkflowsLimitExceeded,
            $"the number of pending child workflow executions has reached {HistoryLimits.PendingChildrenMax}");
        var searchAttributes = CommandContext.Check(Bad, () => context.Rules.CheckSearchAttributes(attributes.SearchAttributes));
        var runTimeout = attributes.WorkflowRunTimeout.OrNone() ?? attributes.WorkflowExecutionTimeout.OrNone();
        var initiated = new StartChildWorkflowExecutionInitiatedEventAttributes
        {
            Namespace = name,
            NamespaceId = namespaceId,
            WorkflowId = attributes.WorkflowId,
            WorkflowType = attributes.WorkflowType,
            TaskQueue = context.Queue(attributes.TaskQueue, Bad),
            Input = attributes.Input,
            WorkflowExecutionTimeout = attributes.WorkflowExecutionTimeout,
            WorkflowRunTimeout = Durations.Cap(runTimeout, attributes.WorkflowExecutionTimeout.OrNone()).ToProto(),
            WorkflowTaskTimeout = Starting.TaskTimeout(attributes.WorkflowTaskTimeout.OrNone(), runTimeout).ToProto(),
            ParentClosePolicy = attributes.ParentClosePolicy == ParentClosePolicy.Unspecified
                ? ParentClosePolicy.Terminate
                : attributes.ParentClosePolicy,
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            WorkflowIdReusePolicy = attributes.WorkflowIdReusePolicy == WorkflowIdReusePolicy.Unspecified
                ? WorkflowIdReusePolicy.AllowDuplicate
                : attributes.WorkflowIdReusePolicy,
            RetryPolicy = attributes.RetryPolicy is null ? null : RetryPolicies.Filled(attributes.RetryPolicy),
            CronSchedule = attributes.CronSchedule,
            Header = attributes.Header,
            Memo = attributes.Memo,
            SearchAttributes = searchAttributes,
            Priority = attributes.Priority,
#pragma warning disable CS0612 // Deprecated and still sent: it is echoed.
            InheritBuildId = attributes.InheritBuildId,
#pragma warning restore CS0612
        };
        var written = context.Add(command, new HistoryEvent { StartChildWorkflowExecutionInitiatedEventAttributes = initiated });
        var child = new ChildState(written.EventId, initiated) { UserMetadata = command.UserMetadata };
        context.State = context.State with { Children = context.State.Children.Add(child.InitiatedEventId, child) };
        context.Decision.Do(new Effect.StartChild(child));
    }
}
