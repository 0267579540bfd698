namespace Dispatch.Routing.Scorers;

/// <summary>The job's own preferences: the sum of the weights whose rule holds, in hundredths.</summary>
internal sealed class PreferenceScorer : IScorer
{
    public string Name => "preferences";

    public double Score(RoutingRequest request, CandidateView candidate)
    {
        var sum = 0;
        foreach (var preference in request.Job.Preferences)
        {
            if (preference.Rule.Holds(candidate.Labels)) sum += preference.Weight;
        }

        return sum / 100.0;
    }
}
