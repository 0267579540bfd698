using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace Dispatch.Workflows.Tests.Runs;

/// <summary>What a finished run left.</summary>
internal sealed record JobRun(
    JobReport? Report, Exception? Failure, WorkflowHistory History, IReadOnlyList<Operation> Operations, IReadOnlyList<PlaceAsk> Asks, IReadOnlyList<Settlement> Settlements,
    IReadOnlyList<string> Paths)
{
    public string? FailureType => (Failure as ApplicationFailureException)?.ErrorType;

    public TerminationReason Reason => Enum.Parse<TerminationReason>(Operations[^1].Reason!);

    public string Steps => string.Join(' ', Operations.Select(Short));

    public int Count(EventType type) => History.Events.Count(recorded => recorded.EventType == type);

    private static string Short(Operation op) => op.Kind switch
    {
        OperationKind.ConversationOpened => "Opened",
        OperationKind.WorkerSelected => $"Selected({op.Attempt},{op.Worker})",
        OperationKind.MessageSent => $"Sent({op.Attempt}.{op.Delivery})",
        OperationKind.MessageReceived => $"Received({op.Attempt}{(op.Error is null ? "" : $",{op.Error}")})",
        OperationKind.WorkerExited => $"Exited({op.Attempt},{op.Cause})",
        _ => $"Closed({op.Reason})",
    };
}
