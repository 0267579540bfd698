using Dispatch.Contracts.Runs;

namespace Dispatch.Contracts.Operations;

/// <summary>One law that a list of operations breaks.</summary>
/// <param name="Sequence">The operation at which it shows; 0 where one is missing.</param>
/// <param name="Text">What is wrong, one sentence.</param>
public sealed record OperationViolation(int Sequence, string Text);

/// <summary>What holds for the operations of every conversation.</summary>
/// <remarks>
/// Exactly one opened, first. While it is open no close, once closed exactly one, last. Sequence numbers dense from 1, one conversation.
/// Inside an attempt one selected, then one or more sent with dense delivery numbers, then at most one of received and exited, all of the worker selected;
/// a next attempt has a higher number and begins only when the last one has ended. A close leaves an attempt unfinished only where the job
/// was cancelled, its time was over, or Dispatch failed. A refused spec has opened and closed only.
/// </remarks>
public static class OperationLaws
{
    private static readonly string[] Reasons = Enum.GetNames<TerminationReason>();

    private static readonly string[] ClosesUnfinished =
    [
        nameof(TerminationReason.Cancelled), nameof(TerminationReason.CancelledBeforeStart), nameof(TerminationReason.ExecutionTimeout),
        nameof(TerminationReason.QueueTimeout), nameof(TerminationReason.ResumeFailed), nameof(TerminationReason.InternalError),
    ];

    /// <summary>Checks a whole list.</summary>
    /// <param name="operations">All operations of one conversation, in order.</param>
    /// <param name="closed">Whether the conversation has ended by its own doing (a run that Temporal ends by itself has no close).</param>
    /// <returns>What is broken; empty where all is well.</returns>
    public static IReadOnlyList<OperationViolation> Check(IReadOnlyList<Operation> operations, bool closed)
    {
        ArgumentNullException.ThrowIfNull(operations);
        var walk = new Walk();
        foreach (var operation in operations)
            walk.Take(operation);
        walk.End(closed);
        return walk.Violations;
    }

    private sealed class Walk
    {
        private int _taken;
        private Operation? _opened;
        private Operation? _selected;
        private Operation? _closed;
        private bool _attemptEnded = true;
        private int _deliveries;
        private int _attemptsUsed;
        private int _lastAttempt;

        public List<OperationViolation> Violations { get; } = [];

        public void Take(Operation op)
        {
            Law(op, op.Sequence == ++_taken, $"its sequence number is {op.Sequence} where {_taken} is due");
            if (_closed is not null)
                Law(op, false, "it stands after the close");
            else if (op.Kind != OperationKind.ConversationOpened)
                Law(op, _opened is not null, "it stands before the opening");
            Law(op, _opened is null || op.Conversation == _opened.Conversation, "it is of another conversation");
            Law(op, StateFits(op), $"its state is {op.State?.ToString() ?? "none"}, retryEligible {op.RetryEligible?.ToString() ?? "none"}");
            switch (op.Kind)
            {
                case OperationKind.ConversationOpened:
                    Law(op, _opened is null, "the conversation is opened twice");
                    _opened ??= op;
                    break;
                case OperationKind.WorkerSelected:
                    Select(op);
                    break;
                case OperationKind.MessageSent:
                    Send(op);
                    break;
                case OperationKind.MessageReceived or OperationKind.WorkerExited:
                    EndAttempt(op);
                    break;
                default:
                    Close(op);
                    break;
            }
        }

        public void End(bool closed)
        {
            if (closed && _closed is null)
                Violations.Add(new(0, "The conversation has ended without a close."));
            if (!closed && _closed is not null)
                Violations.Add(new(_closed.Sequence, "The conversation is open and has a close."));
        }

        private static bool StateFits(Operation op) => op.Kind switch
        {
            OperationKind.ConversationOpened => (op.State, op.RetryEligible) == (OperationActivityState.ActivityScheduled, null),
            OperationKind.WorkerSelected => (op.State, op.RetryEligible) == (OperationActivityState.ActivityStarted, null),
            OperationKind.MessageReceived when op.State == OperationActivityState.ActivityCompleted => op.RetryEligible is null,
            OperationKind.MessageReceived or OperationKind.WorkerExited => op is { State: OperationActivityState.ActivityFailed, RetryEligible: not null },
            _ => (op.State, op.RetryEligible) == (null, null),
        };

        private void Select(Operation op)
        {
            Law(op, _attemptEnded, "a worker is selected while the last attempt has not ended");
            Law(op, op.Attempt > _lastAttempt, $"its attempt is {op.Attempt?.ToString() ?? "missing"} after {_lastAttempt}");
            Law(op, op.Worker is not null, "it names no worker");
            (_selected, _attemptEnded, _deliveries) = (op, false, 0);
            _lastAttempt = op.Attempt ?? _lastAttempt + 1;
            _attemptsUsed++;
        }

        private void Send(Operation op)
        {
            if (!InAttempt(op))
                return;
            Law(op, op.Delivery == ++_deliveries, $"its delivery is {op.Delivery?.ToString() ?? "missing"} where {_deliveries} is due");
        }

        private void EndAttempt(Operation op)
        {
            if (!InAttempt(op))
                return;
            Law(op, _deliveries > 0, "the attempt ends and was never sent");
            _attemptEnded = true;
        }

        private void Close(Operation op)
        {
            var reason = op.Reason ?? "";
            Law(op, Reasons.Contains(reason), $"its reason is \"{reason}\"");
            Law(op, _attemptEnded || ClosesUnfinished.Contains(reason), $"it closes with {reason} while an attempt has not ended");
            Law(op, op.AttemptsUsed is null || op.AttemptsUsed == _attemptsUsed, $"it counts {op.AttemptsUsed} attempts where {_attemptsUsed} had a worker");
            Law(op, reason != nameof(TerminationReason.InvalidJobSpec) || _attemptsUsed == 0, "a refused spec had a worker selected");
            _closed ??= op;
        }

        private bool InAttempt(Operation op)
        {
            if (_selected is null || _attemptEnded)
            {
                Law(op, false, "no attempt is under way");
                return false;
            }

            Law(op, op.Attempt == _selected.Attempt, $"its attempt is {op.Attempt?.ToString() ?? "missing"} in attempt {_selected.Attempt}");
            Law(op, op.Worker == _selected.Worker, $"its worker is {op.Worker?.Value ?? "missing"} where {_selected.Worker?.Value} was selected");
            return true;
        }

        private void Law(Operation op, bool holds, string text)
        {
            if (!holds)
                Violations.Add(new(op.Sequence, $"{op.Kind} {op.Sequence}: {text}."));
        }
    }
}
