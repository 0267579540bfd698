using Temporalio.Api.History.V1;

namespace Dispatch.Engine.History;

/// <summary>What a transaction does to one run.</summary>
/// <param name="State">The run's state from now on.</param>
/// <param name="Events">Events to append, one batch; may be empty.</param>
/// <param name="Effects">What to do once this is durable, in order.</param>
/// <param name="IsNew">The run begins here and becomes the current one of its workflow id.</param>
internal sealed record RunWrite(RunState State, IReadOnlyList<HistoryEvent> Events, IReadOnlyList<Effect> Effects, bool IsNew);

/// <summary>One atomic change of the runs of one workflow id: the unit that a journal stores.</summary>
internal sealed record Transaction(WorkflowKey Key, IReadOnlyList<RunWrite> Runs);
