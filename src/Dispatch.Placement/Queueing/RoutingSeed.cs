using Dispatch.Registry.Leases;

namespace Dispatch.Placement.Queueing;

/// <summary>Chance for routers that draw, from what is drawn for: the same attempt and ask draw the same.</summary>
internal static class RoutingSeed
{
    /// <summary>FNV-1a over the job's id, attempt and ask.</summary>
    public static ulong Of(JobRow row)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in row.Job.Value) hash = (hash ^ character) * 1099511628211UL;
        hash = (hash ^ (uint)row.Attempt) * 1099511628211UL;
        return (hash ^ (uint)row.Revision) * 1099511628211UL;
    }
}
