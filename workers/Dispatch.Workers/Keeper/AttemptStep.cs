namespace Dispatch.Workers.Keeper;

/// <summary>A state under way to the next one, and the actions gathered so far.</summary>
internal sealed class AttemptStep(AttemptState state, TimeSpan now)
{
    private readonly List<AttemptAction> actions = [];

    internal AttemptState State { get; set; } = state;

    internal TimeSpan Now { get; } = now;

    internal IReadOnlyList<AttemptAction> Actions => actions;

    internal void Do(AttemptAction action) => actions.Add(action);

    internal void Enter(AttemptPhase phase) => State = State with { Phase = phase, PhaseSince = Now };
}
