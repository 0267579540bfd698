using System.Collections.Immutable;
using Temporalio.Api.Common.V1;

namespace Dispatch.Engine.History;

/// <summary>Lists show which runs make no progress because their workflow task fails again and again.</summary>
internal static class ReportedProblems
{
    private const string Attribute = "TemporalReportedProblems";

    /// <summary>A workflow task has failed or timed out; from the fifth attempt on that is a problem.</summary>
    public static void Note(Decision decision, WorkflowTask task, string category, string cause)
    {
        if (task.Attempt >= HistoryLimits.ProblemAttempts)
        {
            Set(decision, decision.State.SearchAttributes.SetItem(
                Attribute, KeywordLists.Of([$"category={category}", $"cause={category}Cause{cause}"])));
        }
    }

    /// <summary>A workflow task has completed.</summary>
    public static void Clear(Decision decision)
    {
        if (decision.State.SearchAttributes.ContainsKey(Attribute))
        {
            Set(decision, decision.State.SearchAttributes.Remove(Attribute));
        }
    }

    private static void Set(Decision decision, ImmutableDictionary<string, Payload> attributes)
    {
        decision.State = decision.State with { SearchAttributes = attributes };
        decision.Do(new Effect.RecordVisibility(decision.State));
    }
}
