using System.CommandLine;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;

namespace Dispatch.Cli.Verbs;

/// <summary><c>dispatch why</c>: why a job is where it is, or waits.</summary>
internal static class WhyVerb
{
    /// <summary>Makes the verb.</summary>
    public static Command Build() => JobVerb.Build("why", "Say why a job runs where it runs, or why it waits", (client, job, token) => client.WhyAsync(job, token), Show);

    private static void Show(WhyView why)
    {
        Screen.Line(Screen.Plain(why.Summary));
        if ((why.Now ?? why.Recorded?.Explanation) is not { Candidates.Count: > 0 } explanation)
            return;
        var table = Screen.Table("WORKER", "REFUSED BY", "SCORE", "REASON");
        foreach (var candidate in explanation.Candidates)
            Screen.Row(table, $"{candidate.Worker}:{candidate.Incarnation}", candidate.RefusedBy ?? (candidate.Worker == explanation.Chosen ? "(chosen)" : ""), candidate.Score?.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture), candidate.Reason);
        Screen.Output.Write(table);
        foreach (var (filter, count) in explanation.OthersRefusedBy)
            Screen.Line($"and {count} more refused by {filter}");
    }
}
