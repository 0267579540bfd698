using Dispatch.Contracts.Operations;

namespace Dispatch.Contracts.Tests.Operations;

/// <summary>Makes operations of one conversation.</summary>
internal static class Ops
{
    public static Operation Of(int sequence, OperationKind kind) => new()
    {
        Sequence = sequence,
        Kind = kind,
        Conversation = new("c1"),
        TaskQueue = "dispatch",
        Time = new(2026, 1, 2, 3, 4, 5, 500, TimeSpan.Zero),
    };

    public static Operation Opened(int sequence = 1) => Of(sequence, OperationKind.ConversationOpened) with
    {
        State = OperationActivityState.ActivityScheduled,
        Job = new("j1"),
        Pool = "default",
        Trigger = "cli",
        SpecDigest = "sha256:00",
    };

    public static Operation Selected(int sequence, int attempt, string worker = "w1") =>
        Of(sequence, OperationKind.WorkerSelected) with { State = OperationActivityState.ActivityStarted, Attempt = attempt, Worker = new(worker) };

    public static Operation Sent(int sequence, int attempt, int delivery, string worker = "w1") =>
        Of(sequence, OperationKind.MessageSent) with { Attempt = attempt, Worker = new(worker), Delivery = delivery };

    public static Operation Received(int sequence, int attempt, string worker = "w1") =>
        Of(sequence, OperationKind.MessageReceived) with { State = OperationActivityState.ActivityCompleted, Attempt = attempt, Worker = new(worker), ExitCode = 0 };

    public static Operation Exited(int sequence, int attempt, string worker = "w1") =>
        Of(sequence, OperationKind.WorkerExited) with { State = OperationActivityState.ActivityFailed, RetryEligible = true, Attempt = attempt, Worker = new(worker), Cause = "lost" };

    public static Operation Closed(int sequence, string reason, int attemptsUsed) =>
        Of(sequence, OperationKind.ConversationClosed) with { Reason = reason, AttemptsUsed = attemptsUsed };
}
