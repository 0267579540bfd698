using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.TaskQueue.V1;

namespace Dispatch.Engine.History.Commands;

/// <summary>One completion whose commands are being done.</summary>
internal sealed class CommandContext(Decision decision, DecisionRules rules, long completedEventId, string identity)
{
    private readonly long lastBufferedId = decision.State.LastBufferedId;

    public Decision Decision { get; } = decision;

    public DecisionRules Rules { get; } = rules;

    /// <summary>The completion's event.</summary>
    public long CompletedEventId { get; } = completedEventId;

    public string Identity { get; } = identity;

    /// <summary>Activities that the worker takes along without a poll.</summary>
    public List<long> EagerActivities { get; } = [];

    /// <summary>Events that came in while the task was started, and that its commands so can't know of.</summary>
    public bool HasUnhandledEvents => State.Buffered.Any(buffered => buffered.EventId >= -lastBufferedId);

    public RunState State
    {
        get => Decision.State;
        set => Decision.State = value;
    }

    /// <summary>Writes a command's event with the command's own metadata.</summary>
    public HistoryEvent Add(Command command, HistoryEvent happened)
    {
        happened.UserMetadata = command.UserMetadata;
        happened.EventGroupMarkers.Add(command.EventGroupMarkers);
        return Decision.Add(happened);
    }

    /// <summary>The queue that a command names, or the run's own when it names none.</summary>
    public TaskQueue Queue(TaskQueue? given, WorkflowTaskFailedCause cause)
    {
        if (given is not { Name.Length: > 0 })
        {
            return Starting.Queue(State.QueueName);
        }

        Check(cause, () => Frontend.RequestValidation.Queue(given));
        return Starting.Queue(given.Name);
    }

    public static void Require(bool holds, WorkflowTaskFailedCause cause, string detail)
    {
        if (!holds)
        {
            throw new BadCommandException(cause, detail);
        }
    }

    /// <summary>A name or id that a command must give, and whose length is limited.</summary>
    public static void RequireName(string? value, WorkflowTaskFailedCause cause, string field, string command)
    {
        Require(value is { Length: > 0 }, cause, $"{field} is not set on {command}.");
        Require(!Frontend.RequestValidation.IsTooLong(value!), cause, $"{field} on {command} exceeds length limit.");
    }

    /// <summary>Does checks that refuse calls, as checks of a command.</summary>
    public static void Check(WorkflowTaskFailedCause cause, Action check) => Check(cause, () =>
    {
        check();
        return true;
    });

    /// <summary>Does a check that refuses calls, as a check of a command.</summary>
    public static T Check<T>(WorkflowTaskFailedCause cause, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (Frontend.EngineException refusal)
        {
            throw new BadCommandException(cause, refusal.Message);
        }
    }
}
