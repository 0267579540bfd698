using Dispatch.Contracts.Errors;
using Microsoft.Extensions.Logging;

namespace Dispatch.Registry.Loops;

/// <summary>
/// The turns of a loop that ends only with its process: whatever a turn meets is told, when it begins and when it is over, and the next turn tries again. What is of one row
/// alone does not end the turn: see <see cref="LeftAlone"/>. Owned by its loop.
/// </summary>
/// <param name="loop">Which loop, as the subject of a sentence.</param>
/// <param name="time">The monotonic clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class SteadyTurns(string loop, TimeProvider time, ILogger logger)
{
    private readonly Outage outage = new(time);

    /// <summary>Takes one turn.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="stoppingToken">Ends the loop.</param>
    /// <returns>Whether it could be taken.</returns>
    public async Task<bool> TakeAsync(Func<CancellationToken, Task> turn, CancellationToken stoppingToken)
    {
        try
        {
            await turn(stoppingToken).ConfigureAwait(false);
            Taken();
            return true;
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            Missed(error);
            return false;
        }
    }

    /// <summary>A turn was taken.</summary>
    public void Taken()
    {
        if (outage.Ends() is { } lasted) LogGoesOn(loop, lasted.TotalSeconds);
    }

    /// <summary>A turn could not be taken.</summary>
    /// <param name="error">Why.</param>
    public void Missed(Exception error)
    {
        if (!outage.Begins(KindOf(error))) return;
        // What Dispatch throws on purpose says all that there is to say; of anything else the place is wanted too.
        if (error is DispatchException) LogWaits(loop, error.Message);
        else LogStumbles(loop, error);
    }

    private static string KindOf(Exception error) => error switch
    {
        UsableLaterException later => later.Kind,
        DispatchException known => known.Code.ToString(),
        _ => error.GetType().ToString(),
    };

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "{Loop} waits: {Error} It is tried again and again.")]
    private partial void LogWaits(string loop, string error);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Error, Message = "{Loop} waits, for it met what nobody foresaw. It is tried again and again.")]
    private partial void LogStumbles(string loop, Exception error);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "{Loop} goes on after {Seconds:0.0} s.")]
    private partial void LogGoesOn(string loop, double seconds);
}
