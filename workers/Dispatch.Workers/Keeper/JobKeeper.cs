using System.Collections.Concurrent;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Keeper;

/// <summary>Looks after all attempts that the worker has.</summary>
internal sealed partial class JobKeeper(KeeperParts parts) : IAsyncDisposable
{
    /// <summary>Controls remembered of leases that have not arrived yet; past it the oldest is forgotten.</summary>
    internal const int EarlyControlsMax = 1000;

    private readonly ConcurrentDictionary<LeaseId, AttemptKeeper> kept = new();

    // Those whose folder may still be on its way out; no more than end at about the same time.
    private readonly ConcurrentDictionary<AttemptKeeper, bool> going = new();
    private readonly ConcurrentDictionary<LeaseId, LeaseClaim> claims = new();
    private readonly ConcurrentQueue<(LeaseId Lease, AttemptInput Control)> earlyControls = new();
    private readonly ILogger logger = parts.Logger;

    /// <summary>Raised when the finer state of an attempt has changed.</summary>
    internal event Action? Changed;

    internal KeeperParts Parts => parts;

    internal int Count => kept.Count;

    /// <summary>What the worker has, to be said to the registry.</summary>
    internal IReadOnlyList<LeaseStatement> Statements()
    {
        // In this order: what is not being taken any more is kept by then.
        LeaseId[] underWay = [.. claims.Where(claim => claim.Value.IsNamed).Select(claim => claim.Key)];
        var attempts = All();
        return
        [
            .. attempts.Select(attempt => attempt.Statement()).OfType<LeaseStatement>(),
            .. underWay.Except(attempts.Select(attempt => attempt.Lease)).Select(DeliveryRules.BeingTaken),
        ];
    }

    internal AttemptKeeper? Find(LeaseId lease) => kept.GetValueOrDefault(lease);

    internal IReadOnlyList<AttemptKeeper> All() => [.. kept.Values];

    /// <summary>Attempts that are over and whose folders are not gone yet.</summary>
    internal IReadOnlyList<AttemptKeeper> Going() => [.. going.Keys.Where(attempt => !attempt.Ended.IsCompleted)];

    /// <summary>Keeps others from returning a lease while it is being taken, and from taking it while it is being returned; comes after whoever does now.</summary>
    internal async Task<LeaseClaim> ClaimAsync(LeaseId lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryClaim(lease) is { } claim)
            {
                return claim;
            }

            if (claims.TryGetValue(lease, out var before))
            {
                await before.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes an attempt over.</summary>
    internal AttemptKeeper Keep(KeptAttempt attempt)
    {
        var keeper = new AttemptKeeper(attempt, parts, OnChanged);
        if (!kept.TryAdd(keeper.Lease, keeper))
        {
            throw new InvalidOperationException($"Lease {keeper.Lease} is kept already.");
        }

        foreach (var (_, control) in earlyControls.Where(early => early.Lease == keeper.Lease))
        {
            keeper.Post(control);
        }

        return keeper;
    }

    /// <summary>Hands a control on; for an attempt that has not arrived yet it waits until it does, one that is gone needs none.</summary>
    internal void Control(LeaseId lease, AttemptInput control)
    {
        if (Find(lease) is { } attempt)
        {
            attempt.Post(control);
            return;
        }

        earlyControls.Enqueue((lease, control));
        while (earlyControls.Count > EarlyControlsMax)
        {
            earlyControls.TryDequeue(out _);
        }

        // It may have arrived in between, and heard of nothing; told twice is as told once.
        Find(lease)?.Post(control);
    }

    /// <summary>Stops all because the worker drains.</summary>
    internal void Drain()
    {
        foreach (var attempt in kept.Values)
        {
            attempt.Post(new AttemptInput.StopAsked(Now: false, EndCause.Drained));
        }
    }

    /// <summary>Waits until nothing is kept any more.</summary>
    internal async Task WhenEmptyAsync(CancellationToken cancellationToken)
    {
        while (!kept.IsEmpty)
        {
            await Task.WhenAll(kept.Values.Select(attempt => attempt.Ended)).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the answer to a renewal.</summary>
    internal void Take(RenewalAnswer answer, TimeSpan sentAt)
    {
        if (answer.Accepted)
        {
            Take(answer.Leases, sentAt);
            foreach (var lease in DeliveryRules.Unknown(answer, kept.ContainsKey))
            {
                if (TryClaim(lease) is { } claim)
                {
                    _ = Task.Run(() => ReturnUnknownAsync(lease, claim));
                }
            }
        }
    }

    /// <summary>Takes what the registry thinks of leases that were named in a call.</summary>
    internal void Take(IReadOnlyList<LeaseVerdict> verdicts, TimeSpan sentAt)
    {
        foreach (var verdict in verdicts)
        {
            Find(verdict.Lease)?.Post(new AttemptInput.LeaseAnswered(sentAt, verdict.Standing));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var attempt in kept.Values)
        {
            await attempt.DisposeAsync().ConfigureAwait(false);
        }
    }

    private LeaseClaim? TryClaim(LeaseId lease)
    {
        var claim = new LeaseClaim(() => claims.TryRemove(lease, out _));
        return claims.TryAdd(lease, claim) ? claim : null;
    }

    private void OnChanged(AttemptKeeper attempt)
    {
        if (attempt.State.Phase == AttemptPhase.Done)
        {
            foreach (var gone in going.Keys.Where(one => one != attempt && one.Ended.IsCompleted))
            {
                going.TryRemove(gone, out _);
            }

            going[attempt] = true;
            kept.TryRemove(attempt.Lease, out _);
        }

        Changed?.Invoke();
    }

    /// <summary>A confirm that was executed after the worker had given up on it: nothing was started.</summary>
    private async Task ReturnUnknownAsync(LeaseId lease, LeaseClaim claim)
    {
        using var claimed = claim;
        try
        {
            await parts.Registry.ReturnAsync(lease, report: null, CancellationToken.None).ConfigureAwait(false);
            ReturnedUnknown(lease.Value);
        }
        catch (DispatchException away)
        {
            // The next renewal's answer names it again.
            ReturnFailed(lease.Value, away.Message);
        }
    }

    [LoggerMessage(4030, LogLevel.Information, "Lease {Lease} was held for this worker, which does not know it: returned, nothing was started")]
    private partial void ReturnedUnknown(string lease);

    [LoggerMessage(4031, LogLevel.Information, "Lease {Lease} is unknown to this worker and could not be returned yet: {Reason}")]
    private partial void ReturnFailed(string lease, string reason);
}
