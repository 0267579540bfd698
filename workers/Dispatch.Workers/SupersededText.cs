using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;

namespace Dispatch.Workers;

/// <summary>Tells a worker in one sentence who has taken its place.</summary>
internal static class SupersededText
{
    /// <summary>The sentence.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="incarnation">The incarnation that is told.</param>
    /// <param name="own">Where it lives.</param>
    /// <param name="answer">What the registry says.</param>
    internal static string Of(WorkerId worker, long incarnation, WorkerHost own, RenewalAnswer answer) =>
        $"Worker {worker} was started again as incarnation {answer.NewestIncarnation} {Where(own, answer.NewestHost)}: incarnation {incarnation}, this one, takes no more jobs and ends with its last; give each worker an id of its own.";

    private static string Where(WorkerHost own, WorkerHost? newest)
    {
        if (newest is null)
            return "elsewhere";
        if (newest.MachineId != own.MachineId)
            return $"on another machine (id {newest.MachineId}, this one is {own.MachineId})";
        return newest.DataDirectoryId != own.DataDirectoryId
            ? $"on this machine with another data directory (id {newest.DataDirectoryId}, this one's is {own.DataDirectoryId})"
            : "on this machine with this data directory";
    }
}
