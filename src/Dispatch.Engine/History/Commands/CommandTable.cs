using Dispatch.Engine.Frontend;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>Does the commands of a completion, one after another.</summary>
internal static class CommandTable
{
    /// <summary>True for the commands that end a run.</summary>
    public static bool IsClosing(CommandType type) => type is CommandType.CompleteWorkflowExecution
        or CommandType.FailWorkflowExecution
        or CommandType.CancelWorkflowExecution
        or CommandType.ContinueAsNewWorkflowExecution;

    /// <summary>Refuses a list that no state could make right, before anything is done.</summary>
    /// <exception cref="EngineException">A closing command isn't the last, or a type is unknown.</exception>
    public static void CheckSequence(IReadOnlyList<Command> commands)
    {
        for (var i = 0; i < commands.Count; i++)
        {
            var type = commands[i].CommandType;
            if (type == CommandType.Unspecified || !Enum.IsDefined(type))
            {
                throw EngineException.InvalidArgument($"unknown command type: {type}");
            }

            if (IsClosing(type) && i < commands.Count - 1)
            {
                throw EngineException.InvalidArgument(
                    $"invalid command sequence: [{string.Join(", ", commands.Select(c => c.CommandType))}], command {type} must be the last command.");
            }
        }
    }

    public static void Do(CommandContext context, Command command)
    {
        if (command.CalculateSize() > HistoryLimits.BlobBytesMax)
        {
            throw new BadCommandException(
                WorkflowTaskFailedCause.BadScheduleActivityAttributes, $"{command.CommandType} exceeds size limit.")
            {
                TerminatesRun = true,
            };
        }

        switch (command.CommandType)
        {
            case CommandType.ScheduleActivityTask:
                ActivityCommands.Schedule(context, command);
                break;
            case CommandType.RequestCancelActivityTask:
                ActivityCommands.RequestCancel(context, command);
                break;
            case CommandType.StartTimer:
                TimerCommands.Start(context, command);
                break;
            case CommandType.CancelTimer:
                TimerCommands.Cancel(context, command);
                break;
            case CommandType.RecordMarker:
                PropertyCommands.RecordMarker(context, command);
                break;
            case CommandType.UpsertWorkflowSearchAttributes:
                PropertyCommands.UpsertSearchAttributes(context, command);
                break;
            case CommandType.ModifyWorkflowProperties:
                PropertyCommands.ModifyProperties(context, command);
                break;
            case CommandType.StartChildWorkflowExecution:
                ChildCommands.Start(context, command);
                break;
            case CommandType.RequestCancelExternalWorkflowExecution:
                ExternalCommands.RequestCancel(context, command);
                break;
            case CommandType.SignalExternalWorkflowExecution:
                ExternalCommands.Signal(context, command);
                break;
            case CommandType.CompleteWorkflowExecution:
                CloseCommands.Complete(context, command);
                break;
            case CommandType.FailWorkflowExecution:
                CloseCommands.Fail(context, command);
                break;
            case CommandType.CancelWorkflowExecution:
                CloseCommands.Cancel(context, command);
                break;
            case CommandType.ContinueAsNewWorkflowExecution:
                CloseCommands.ContinueAsNew(context, command);
                break;
            case CommandType.ScheduleNexusOperation:
                throw new BadCommandException(
                    WorkflowTaskFailedCause.BadScheduleNexusOperationAttributes,
                    $"endpoint \"{command.ScheduleNexusOperationCommandAttributes?.Endpoint}\" not found");
            default:
                throw new BadCommandException(WorkflowTaskFailedCause.FeatureDisabled, $"{command.CommandType} is not served");
        }
    }
}
