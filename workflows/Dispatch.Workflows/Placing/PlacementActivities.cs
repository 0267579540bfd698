using Dispatch.Contracts;
using Dispatch.Contracts.Placing;
using Temporalio.Activities;

namespace Dispatch.Workflows.Placing;

/// <summary>The two local activities of the workflow host.</summary>
/// <param name="placer">Who answers.</param>
/// <param name="time">The host's clock.</param>
public sealed class PlacementActivities(IPlacer placer, TimeProvider time)
{
    /// <summary>An answer later than this is no answer: the activity itself ends at 3 s.</summary>
    internal static readonly TimeSpan PlaceWithin = TimeSpan.FromSeconds(2.5);

    /// <summary>Asks the placer. A placer that fails or does not answer in time is an answer as well: <see cref="PlaceAnswerKind.Unavailable"/>.</summary>
    /// <param name="ask">The ask.</param>
    /// <returns>The answer, with this host's version.</returns>
    [Activity(JobNames.Place)]
    public async Task<PlaceAnswer> PlaceAsync(PlaceAsk ask)
    {
        using var late = new CancellationTokenSource(PlaceWithin, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ActivityExecutionContext.Current.CancellationToken);
        var answer = await AnswerAsync(ask, ends.Token).ConfigureAwait(false);
        return answer with { HostVersion = DispatchVersion.Current };
    }

    /// <summary>Tells the placer what became of a job.</summary>
    /// <param name="settlement">What became of it.</param>
    /// <returns>A task that ends when it is written.</returns>
    [Activity(JobNames.Settle)]
    public Task SettleAsync(Settlement settlement) => placer.SettleAsync(settlement, ActivityExecutionContext.Current.CancellationToken);

    private async Task<PlaceAnswer> AnswerAsync(PlaceAsk ask, CancellationToken cancellationToken)
    {
        try
        {
            return await placer.PlaceAsync(ask, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new() { Kind = PlaceAnswerKind.Unavailable, Attempt = ask.Attempt, Why = $"no answer within {PlaceWithin.TotalSeconds} s" };
        }
#pragma warning disable CA1031 // Whatever a placer throws, the job waits and asks again; the reason stands in its history.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new() { Kind = PlaceAnswerKind.Unavailable, Attempt = ask.Attempt, Why = exception.Message };
        }
    }
}
