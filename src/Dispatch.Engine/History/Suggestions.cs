using Temporalio.Api.Enums.V1;

namespace Dispatch.Engine.History;

/// <summary>When a run is so long that it should continue as new.</summary>
internal static class Suggestions
{
    /// <summary>The reasons to; none while it needn't.</summary>
    public static IEnumerable<SuggestContinueAsNewReason> Of(RunState state)
    {
        if (state.HistoryBytes >= HistoryLimits.HistoryBytesSuggest)
        {
            yield return SuggestContinueAsNewReason.HistorySizeTooLarge;
        }

        if (state.EventCount >= HistoryLimits.HistoryEventsSuggest)
        {
            yield return SuggestContinueAsNewReason.TooManyHistoryEvents;
        }

        if (state.Updates.Count >= HistoryLimits.UpdatesMax * 9 / 10)
        {
            yield return SuggestContinueAsNewReason.TooManyUpdates;
        }
    }
}
