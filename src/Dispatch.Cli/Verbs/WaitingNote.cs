using Dispatch.Cli.Client;
using Dispatch.Cli.Output;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;

namespace Dispatch.Cli.Verbs;

/// <summary>Tells the submitter at once when a job has to wait, and why.</summary>
internal static class WaitingNote
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);
    private const int LooksMax = 20;

    /// <summary>Looks until the job was placed, or was told to wait; at most a second.</summary>
    public static async Task TellAsync(DispatchClient client, JobId job, CancellationToken token)
    {
        for (var look = 0; look < LooksMax; look++)
        {
            WhyView why;
            try
            {
                why = await client.WhyAsync(job, token).ConfigureAwait(false);
            }
            catch (Exception e) when (Patience.IsOutage(e))
            {
                // The job is accepted: whoever waits for it hears of the outage there.
                return;
            }

            if (why.State is not JobState.Queued)
                return;
            if (why.Recorded is { Kind: PlaceAnswerKind.Waiting or PlaceAnswerKind.Unavailable })
            {
                Screen.Note($"dispatch: {job} waits: {Screen.Plain(why.Summary)}");
                return;
            }

            await Task.Delay(LookEvery, token).ConfigureAwait(false);
        }
    }
}
