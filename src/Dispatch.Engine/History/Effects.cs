using Temporalio.Api.Query.V1;

namespace Dispatch.Engine.History;

/// <summary>Something to do in the world once the transaction that asked for it is durable.</summary>
internal abstract record Effect
{
    /// <summary>Offer the run's workflow task on its queue.</summary>
    public sealed record DispatchWorkflowTask(long Serial, string QueueName, bool IsSticky, string NormalQueueName, int PriorityKey) : Effect;

    /// <summary>Offer an attempt of an activity on its queue.</summary>
    public sealed record DispatchActivity(long ScheduledEventId, int Stamp, string QueueName, int PriorityKey) : Effect;

    /// <summary>Show the run's present state in lists and counts.</summary>
    public sealed record RecordVisibility(RunState State) : Effect;

    /// <summary>Start a child and tell the parent.</summary>
    public sealed record StartChild(ChildState Child) : Effect;


    /// <summary>Apply the parent close policy to a child.</summary>
    public sealed record CloseChild(ChildState Child) : Effect;

    /// <summary>Signal or cancel another workflow and record the result.</summary>
    public sealed record ReachExternal(ExternalState External) : Effect;

    /// <summary>Tell the parent that the run has closed for good.</summary>
    public sealed record ReportToParent(ParentLink Parent, RunState Child) : Effect;

    /// <summary>An update has reached a stage, or has ended without an outcome.</summary>
    public sealed record AnswerUpdate(UpdateState Update, UpdateAbort? Abort) : Effect;

    /// <summary>A query that rode on a workflow task has been answered, or must be asked directly (no result).</summary>
    public sealed record AnswerQuery(QueryState Query, WorkflowQueryResult? Result) : Effect;
}

/// <summary>Why an update ended without an outcome.</summary>
internal enum UpdateAbort
{
    WorkflowClosed,
    WorkflowContinued,
    TaskFailed,
}
