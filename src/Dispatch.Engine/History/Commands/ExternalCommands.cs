using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>Signals and cancel requests to other workflows.</summary>
internal static class ExternalCommands
{
    private const WorkflowTaskFailedCause BadSignal = WorkflowTaskFailedCause.BadSignalWorkflowExecutionAttributes;
    private const WorkflowTaskFailedCause BadCancel = WorkflowTaskFailedCause.BadRequestCancelExternalWorkflowExecutionAttributes;

    public static void Signal(CommandContext context, Command command)
    {
        var attributes = command.SignalExternalWorkflowExecutionCommandAttributes;
        CommandContext.RequireName(attributes?.Execution?.WorkflowId, BadSignal, "WorkflowId", nameof(CommandType.SignalExternalWorkflowExecution));
        CommandContext.Require(
            attributes!.Execution.RunId.Length == 0 || Guid.TryParse(attributes.Execution.RunId, out _),
            BadSignal,
            $"Invalid RunId set on SignalExternalWorkflowExecutionCommand. RunId={attributes.Execution.RunId}");
        CommandContext.RequireName(attributes.SignalName, BadSignal, "SignalName", nameof(CommandType.SignalExternalWorkflowExecution));
        CommandContext.Require(
            Count(context, EventType.SignalExternalWorkflowExecutionInitiated) < HistoryLimits.PendingSignalsMax,
            WorkflowTaskFailedCause.PendingSignalsLimitExceeded,
            $"the number of pending signals to other workflows has reached {HistoryLimits.PendingSignalsMax}");
        var initiated = new SignalExternalWorkflowExecutionInitiatedEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Namespace = attributes.Namespace,
            NamespaceId = Namespace(context, attributes.Namespace),
            WorkflowExecution = attributes.Execution,
            SignalName = attributes.SignalName,
            Input = attributes.Input,
            ChildWorkflowOnly = attributes.ChildWorkflowOnly,
            Header = attributes.Header,
        };
        initiated.Control = attributes.Control;
        Initiate(context, command, new HistoryEvent { SignalExternalWorkflowExecutionInitiatedEventAttributes = initiated });
    }

    public static void RequestCancel(CommandContext context, Command command)
    {
        var attributes = command.RequestCancelExternalWorkflowExecutionCommandAttributes;
        CommandContext.RequireName(attributes?.WorkflowId, BadCancel, "WorkflowId", nameof(CommandType.RequestCancelExternalWorkflowExecution));
        CommandContext.Require(
            attributes!.RunId.Length == 0 || Guid.TryParse(attributes.RunId, out _),
            BadCancel,
            $"Invalid RunId set on RequestCancelExternalWorkflowExecutionCommand. WorkflowId={attributes.WorkflowId} RunId={attributes.RunId} Namespace={attributes.Namespace}");
        CommandContext.Require(
            Count(context, EventType.RequestCancelExternalWorkflowExecutionInitiated) < HistoryLimits.PendingCancelsMax,
            WorkflowTaskFailedCause.PendingRequestCancelLimitExceeded,
            $"the number of pending cancel requests to other workflows has reached {HistoryLimits.PendingCancelsMax}");
        var namespaceId = Namespace(context, attributes.Namespace);
        CommandContext.Require(
            !context.State.Children.Values.Any(child =>
                child.RunId.Length == 0
                && child.Initiated.WorkflowTaskCompletedEventId == context.CompletedEventId
                && child.Initiated.WorkflowId == attributes.WorkflowId
                && child.Initiated.NamespaceId == namespaceId),
            BadCancel,
            $"Start and RequestCancel for child workflow is not allowed in same workflow task. WorkflowId={attributes.WorkflowId}");
        var initiated = new RequestCancelExternalWorkflowExecutionInitiatedEventAttributes
        {
            WorkflowTaskCompletedEventId = context.CompletedEventId,
            Namespace = attributes.Namespace,
            NamespaceId = namespaceId,
            WorkflowExecution = new WorkflowExecution { WorkflowId = attributes.WorkflowId, RunId = attributes.RunId },
            ChildWorkflowOnly = attributes.ChildWorkflowOnly,
            Reason = attributes.Reason,
        };
        initiated.Control = attributes.Control;
        Initiate(context, command, new HistoryEvent { RequestCancelExternalWorkflowExecutionInitiatedEventAttributes = initiated });
    }

    private static void Initiate(CommandContext context, Command command, HistoryEvent happened)
    {
        var written = context.Add(command, happened);
        var external = new ExternalState(written.EventId, written) { RequestId = context.Decision.Ids.NewId() };
        context.State = context.State with { Externals = context.State.Externals.Add(external.InitiatedEventId, external) };
        context.Decision.Do(new Effect.ReachExternal(external));
    }

    private static int Count(CommandContext context, EventType type) =>
        context.State.Externals.Values.Count(external => external.Initiated.EventType == type);

    private static string Namespace(CommandContext context, string name)
    {
        if (name.Length == 0)
        {
            return context.State.Key.NamespaceId;
        }

        return context.Rules.FindNamespace(name) ?? throw Frontend.NamespaceRegistry.Missing(name);
    }
}
