using System.Collections.Frozen;
using Dispatch.Contracts.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Workers;

/// <summary>The life of a worker's row as pure statements.</summary>
public static class WorkerLife
{
    /// <summary>A start of the worker: the newest incarnation wins. A repeat of the same start changes nothing.</summary>
    /// <param name="row">The worker as it is; null where the registry does not know it.</param>
    /// <param name="registration">The start, which says what the worker has.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The worker as it is then.</returns>
    public static WorkerRow Register(WorkerRow? row, WorkerRegistration registration, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(registration);
        if (row is not null && string.Equals(row.StartId, registration.StartId, StringComparison.Ordinal)) return row;
        return new WorkerRow
        {
            Worker = registration.Worker,
            Incarnation = Math.Max(row?.Incarnation ?? 0, registration.LastIncarnation) + 1,
            StartId = registration.StartId,
            Host = registration.Host,
            Version = registration.Version,
            Pool = registration.Pool,
            Capacity = registration.Capacity,
            Total = Amounts.Of(registration.Capacity),
            Labels = registration.Labels.ToFrozenDictionary(StringComparer.Ordinal),
            Images = registration.Images.ToFrozenSet(StringComparer.Ordinal),
            Runtimes = [.. registration.Runtimes],
            Reported = registration.State,
            Named = [.. registration.Has],
            Stated = true,
            Counter = (row?.Counter ?? 0) + 1,
            // A drain ends with the process it was meant for; a quarantine is of the worker, whoever runs it.
            Wish = row?.Wish == WorkerWish.Quarantine ? WorkerWish.Quarantine : WorkerWish.None,
            WishedBy = row?.Wish == WorkerWish.Quarantine ? row.WishedBy : null,
            WishReason = row?.Wish == WorkerWish.Quarantine ? row.WishReason : null,
            RegisteredAt = now,
            RenewedAt = now,
        };
    }

    /// <summary>A renewal of the newest incarnation: everything it has, named again. A lower number than one seen changes nothing.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="renewal">The renewal.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>The worker as it is then; unchanged where the renewal was overtaken.</returns>
    public static WorkerRow Renew(WorkerRow row, WorkerRenewal renewal, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(renewal);
        if (renewal.Incarnation != row.Incarnation || renewal.Call < row.Call) return row;
        return row with
        {
            Call = renewal.Call,
            Counter = row.Counter + 1,
            Named = [.. renewal.Has],
            Stated = true,
            Silent = false,
            Lost = false,
            Reported = renewal.State,
            Unmet = renewal.State == WorkerState.Ready ? [] : [.. renewal.Unmet],
            Undraining = row.Undraining && renewal.State == WorkerState.Draining,
            RenewedAt = now,
        };
    }

    /// <summary>What an older incarnation is told.</summary>
    /// <param name="row">The worker.</param>
    /// <returns>That it must end, and who has taken its place.</returns>
    public static RenewalAnswer Superseded(WorkerRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new() { Accepted = false, NewestIncarnation = row.Incarnation, NewestHost = row.Host };
    }

    /// <summary>Notes a call's number.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="incarnation">The caller's incarnation.</param>
    /// <param name="call">The number.</param>
    /// <returns>The worker as it is then; null where the call was overtaken, or is an older incarnation's.</returns>
    public static WorkerRow? Called(WorkerRow row, long incarnation, long call)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Incarnation != incarnation || call < row.Call) return null;
        return call == row.Call ? row : row with { Call = call };
    }

    /// <summary>The worker took a lease: a sign of life, so that what it took is not ended before its next renewal.</summary>
    /// <param name="row">The worker.</param>
    /// <returns>The worker as it is then.</returns>
    public static WorkerRow Confirmed(WorkerRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row with { Counter = row.Counter + 1 };
    }

    /// <summary>The worker gave a lease back: it does not have it any more.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="lease">The lease.</param>
    /// <returns>The worker as it is then.</returns>
    public static WorkerRow Without(WorkerRow row, Contracts.Ids.LeaseId lease)
    {
        ArgumentNullException.ThrowIfNull(row);
        for (var i = 0; i < row.Named.Length; i++)
        {
            if (row.Named[i].Lease == lease) return row with { Named = row.Named.RemoveAt(i) };
        }

        return row;
    }

    /// <summary>Silence for half a lease: no new work until it is heard again.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="incarnation">The incarnation that was watched.</param>
    /// <param name="counter">The counter that did not move.</param>
    /// <returns>The worker as it is then; unchanged where it was heard since.</returns>
    public static WorkerRow FallSilent(WorkerRow row, long incarnation, long counter)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Incarnation == incarnation && row.Counter == counter && !row.Silent ? row with { Silent = true } : row;
    }

    /// <summary>Silence for a whole lease: it is lost until it is heard again and has said what it has.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="incarnation">The incarnation that was watched.</param>
    /// <param name="counter">The counter that did not move.</param>
    /// <returns>The worker as it is then; unchanged where it was heard since.</returns>
    public static WorkerRow Lose(WorkerRow row, long incarnation, long counter)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Incarnation == incarnation && row.Counter == counter && !row.Lost ? row with { Silent = true, Lost = true, Stated = false } : row;
    }

    /// <summary>An operator wants something of it.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="wish">The wish.</param>
    /// <returns>The worker as it is then.</returns>
    public static WorkerRow Want(WorkerRow row, WishStatement wish)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(wish);
        return row with
        {
            Wish = wish.Wish,
            WishedBy = wish.Wish == WorkerWish.None ? null : wish.RequestedBy,
            WishReason = wish.Wish == WorkerWish.None ? null : wish.Reason,
            Undraining = wish.Wish != WorkerWish.Drain && (row.Undraining || row.Wish == WorkerWish.Drain),
        };
    }

    /// <summary>What the worker is told that an operator wants of it.</summary>
    /// <param name="row">The worker.</param>
    /// <returns><c>Draining</c>, <c>Ready</c>, or null.</returns>
    public static WorkerState? Wanted(WorkerRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        if (row.Wish == WorkerWish.Drain) return WorkerState.Draining;
        return row.Undraining && row.Reported == WorkerState.Draining ? WorkerState.Ready : null;
    }
}
