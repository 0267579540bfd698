using System.Runtime.ExceptionServices;
using Dispatch.Contracts.Ids;

namespace Dispatch.Cli.Client;

/// <summary>
/// Goes on through a restart of the server: what may be asked twice is asked again, with growing pauses, for a stated time. A server that never answered is no
/// restart: that is told at once.
/// </summary>
/// <param name="job">The job that is followed.</param>
/// <param name="goOnWith">The verb that takes it up again.</param>
/// <param name="note">Tells people, once an outage.</param>
/// <param name="time">The clock.</param>
internal sealed class Patience(JobId job, string goOnWith, Action<string> note, TimeProvider time)
{
    /// <summary>An outage as long as this is no restart any more.</summary>
    internal static readonly TimeSpan GivesUpAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);
    private bool known;
    private long? since;
    private TimeSpan pause;

    /// <summary>Whether output of the job did not come.</summary>
    public bool OutputMissing { get; private set; }

    /// <summary>Whether a failure may pass by itself: no server, an answer that broke off, or one whose Temporal or registry is away.</summary>
    public static bool IsOutage(Exception error) => error is NoServerException or HttpRequestException or IOException or ApiException { Problem.Status: 502 or 503 or 504 };

    /// <summary>A server has answered: the outage, if there was one, is over.</summary>
    public void Answered() => (known, since) = (true, null);

    /// <summary>The server waited for output that the job's worker still has, and it did not come.</summary>
    /// <param name="what">What is missing.</param>
    public void Missing(string what)
    {
        OutputMissing = true;
        note($"dispatch: {what}; what comes later `dispatch logs {job}` shows");
    }

    /// <summary>Asks until there is an answer.</summary>
    /// <param name="ask">What may be asked twice.</param>
    /// <param name="token">Ends it.</param>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken token)
    {
        while (true)
        {
            try
            {
                var answer = await ask().ConfigureAwait(false);
                Answered();
                return answer;
            }
            catch (Exception e) when (IsOutage(e))
            {
                await PauseAsync(e, token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits before it is asked again; throws where it is not to be.</summary>
    public async Task PauseAsync(Exception outage, CancellationToken token)
    {
        if (!known && outage is not NoServerException { BrokeOff: true })
            ExceptionDispatchInfo.Throw(outage);
        if (since is null)
        {
            (since, pause) = (time.GetTimestamp(), PauseMin);
            note($"dispatch: {outage.Message}; {job} goes on, and for {GivesUpAfter.TotalSeconds:0} s it is tried again");
        }

        if (time.GetElapsedTime(since.Value) >= GivesUpAfter)
            throw new CliException($"{outage.Message}. It was tried again for {GivesUpAfter.TotalSeconds:0} s. The job goes on; take it up again with `dispatch {goOnWith} {job}`");
        await Task.Delay(pause, time, token).ConfigureAwait(false);
        pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
    }
}
