using Dispatch.Contracts.Ids;
using Dispatch.Runtimes;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Keeper;

/// <summary>Removes containers of this data directory whose lease the worker does not have. Containers of anybody else are not even listed.</summary>
internal sealed partial class OrphanSweep(JobKeeper keeper)
{
    private readonly ILogger logger = keeper.Parts.Logger;
    private readonly HashSet<string> suspects = [];

    /// <summary>Sweeps once; a container is removed when two sweeps in a row have found it without a lease, so that one just being made or removed is left alone.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        foreach (var runtime in keeper.Parts.Runtimes.Values)
        {
            try
            {
                foreach (var container in await runtime.ListAsync(keeper.Parts.Folder.Id, cancellationToken).ConfigureAwait(false))
                {
                    if (IsOrphan(container))
                    {
                        found.Add(container.ContainerId);
                        if (suspects.Contains(container.ContainerId))
                        {
                            await runtime.RemoveAsync(container.ContainerId, cancellationToken).ConfigureAwait(false);
                            OrphanRemoved(container.Name);
                        }
                    }
                }
            }
            catch (RuntimeException away)
            {
                SweepFailed(runtime.Name, away.Message);
            }
        }

        suspects.Clear();
        suspects.UnionWith(found);
    }

    private bool IsOrphan(ContainerState container) =>
        container.Labels.GetValueOrDefault(ContainerLabels.DataDirectory) == keeper.Parts.Folder.Id
        && container.Labels.TryGetValue(ContainerLabels.Lease, out var lease)
        && keeper.Find(new LeaseId(lease)) is null;

    [LoggerMessage(4050, LogLevel.Warning, "The container {Name} had no lease of this worker any more and was removed")]
    private partial void OrphanRemoved(string name);

    [LoggerMessage(4051, LogLevel.Warning, "The containers of runtime {Runtime} could not be swept: {Reason}")]
    private partial void SweepFailed(string runtime, string reason);
}
