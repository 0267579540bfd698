using Dispatch.Contracts.Ids;
using Dispatch.Registry.Leases;

namespace Dispatch.Placement.Queueing;

/// <summary>Chance for routers that draw, from what is drawn for: the same attempt and ask draw the same.</summary>
internal static class RoutingSeed
{
    public static ulong Of(JobRow row) => Of(row.Job, row.Attempt, row.Revision);

    /// <summary>FNV-1a over the job's id, attempt and ask.</summary>
    public static ulong Of(JobId job, int attempt, int revision)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in job.Value) hash = (hash ^ character) * 1099511628211UL;
        hash = (hash ^ (uint)attempt) * 1099511628211UL;
        return (hash ^ (uint)revision) * 1099511628211UL;
    }
}
