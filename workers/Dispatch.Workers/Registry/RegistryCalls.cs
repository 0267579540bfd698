using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers.Registry;

/// <summary>
/// The worker's numbered statements, one at a time: the registry ignores a number lower than the highest it has seen, so two under way at once could
/// make it ignore one of them. Renewals go before everything that waits. What has ended is given back without a number, beside them: it has ended in whatever order calls arrive.
/// </summary>
internal sealed class RegistryCalls(IWorkerRegistry registry, WorkerId worker, TimeProvider clock) : IDisposable
{
    /// <summary>Most returns of what has ended under way at once; others wait.</summary>
    internal const int ReturnsAtOnceMax = 64;

    private readonly SemaphoreSlim line = new(1, 1);
    private readonly SemaphoreSlim desk = new(1, 1);
    private readonly SemaphoreSlim returns = new(ReturnsAtOnceMax, ReturnsAtOnceMax);
    private long call;
    private long incarnation;
    private TimeSpan callLimit = TimeSpan.FromSeconds(2);

    /// <summary>The incarnation in force, 0 before the first registration.</summary>
    internal long Incarnation => Volatile.Read(ref incarnation);

    /// <summary>Takes the answer of a registration in force; calls are numbered anew.</summary>
    internal void Registered(WorkerRegistered answer)
    {
        callLimit = answer.Profile.Lease / 4;
        Volatile.Write(ref incarnation, answer.Incarnation);
    }

    /// <summary>Renews; also says when the call was sent, on the boot clock.</summary>
    internal Task<(RenewalAnswer Answer, TimeSpan SentAt)> RenewAsync(
        Func<IReadOnlyList<LeaseStatement>> has, WorkerState state, IReadOnlyList<string> unmet, CancellationToken cancellationToken) =>
        AtDeskAsync(
            (number, limit) => registry.RenewAsync(new() { Worker = worker, Incarnation = Incarnation, Call = number, Has = has(), State = state, Unmet = unmet }, limit),
            cancellationToken);

    internal Task<(ConfirmAnswer Answer, TimeSpan SentAt)> ConfirmAsync(LeaseId lease, CancellationToken cancellationToken) =>
        InLineAsync(
            (number, limit) => registry.ConfirmAsync(new() { Worker = worker, Incarnation = Incarnation, Call = number, Lease = lease }, limit),
            cancellationToken);

    /// <summary>Gives a lease back; without a report nothing was started.</summary>
    internal Task ReturnAsync(LeaseId lease, AttemptReport? report, CancellationToken cancellationToken)
    {
        var given = new LeaseReturn { Worker = worker, Incarnation = Incarnation, Call = LeaseReturn.Unnumbered, Lease = lease, Outcome = report?.Result, Failure = report?.Failure };
        return given.HasEnded
            ? InTurnAsync(returns, limit => SendAsync(given, limit), cancellationToken)
            : InLineAsync((number, limit) => SendAsync(given with { Incarnation = Incarnation, Call = number }, limit), cancellationToken);

        async Task<bool> SendAsync(LeaseReturn sent, CancellationToken limit)
        {
            await registry.ReturnAsync(sent, limit).ConfigureAwait(false);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        line.Dispose();
        desk.Dispose();
        returns.Dispose();
    }

    private async Task<(T Answer, TimeSpan SentAt)> InLineAsync<T>(Func<long, CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        await line.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await AtDeskAsync(send, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            line.Release();
        }
    }

    private Task<(T Answer, TimeSpan SentAt)> AtDeskAsync<T>(Func<long, CancellationToken, Task<T>> send, CancellationToken cancellationToken) =>
        InTurnAsync(desk, limit => send(++call, limit), cancellationToken);

    private async Task<(T Answer, TimeSpan SentAt)> InTurnAsync<T>(SemaphoreSlim turns, Func<CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        if (Incarnation == 0)
        {
            throw new DispatchException(ErrorCode.RegistryUnavailable, $"The worker {worker} is not registered yet.");
        }

        await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var sentAt = BootTime.Now(clock);
            return (await send(ending.Token).WaitAsync(callLimit, clock, cancellationToken).ConfigureAwait(false), sentAt);
        }
        catch (TimeoutException silent)
        {
            await ending.CancelAsync().ConfigureAwait(false);
            throw new DispatchException(ErrorCode.RegistryUnavailable, $"The registry did not answer within {callLimit.TotalSeconds:0.##} s.", silent);
        }
        finally
        {
            turns.Release();
        }
    }
}
