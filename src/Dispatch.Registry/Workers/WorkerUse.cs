using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Workers;

/// <summary>What of a worker's capacity is taken.</summary>
/// <remarks>
/// Its offered and held leases, and of those it named last the ones that are neither: a superseded or expired lease takes room until the worker stops naming it.
/// A named lease that only waits for its report to be delivered (<see cref="LeaseActivity.Ended"/>) takes none, and one the registry knows nothing of takes all.
/// </remarks>
public static class WorkerUse
{
    /// <summary>Sums up.</summary>
    /// <param name="row">The worker.</param>
    /// <param name="live">What its offered and held leases take.</param>
    /// <param name="sizeOf">What another lease takes; null where it is unknown.</param>
    /// <returns>What is taken, and how many leases take it.</returns>
    public static (Amounts Used, int Leases) Of(WorkerRow row, IReadOnlyDictionary<LeaseId, Amounts> live, Func<LeaseId, Amounts?> sizeOf)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(sizeOf);
        var used = Amounts.None;
        var leases = live.Count;
        foreach (var needs in live.Values) used = used.Plus(needs);
        foreach (var named in row.Named)
        {
            if (named.Activity == LeaseActivity.Ended || live.ContainsKey(named.Lease)) continue;
            leases++;
            used = used.Plus(sizeOf(named.Lease) ?? row.Total);
        }

        return (used, leases);
    }
}
