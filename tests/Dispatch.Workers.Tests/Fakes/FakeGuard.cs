using System.Collections.Concurrent;
using Dispatch.Contracts.Ids;

namespace Dispatch.Workers.Tests.Fakes;

/// <summary>A guard that answers, and remembers what it was told.</summary>
internal sealed class FakeGuard : IWorkerGuard
{
    internal ConcurrentDictionary<LeaseId, ContainerPermission> Permissions { get; } = new();

    internal bool Silent { get; set; }

    /// <summary>Whether the disk takes no permission.</summary>
    internal bool DiskIsFull { get; set; }

    /// <summary>How often it was asked to run.</summary>
    internal int Asked { get; private set; }

    public Task EnsureRunningAsync(CancellationToken cancellationToken)
    {
        Asked++;
        return Silent ? throw new IOException("The guard is silent.") : Task.CompletedTask;
    }

    public void Permit(ContainerPermission permission)
    {
        if (DiskIsFull) throw new IOException("No space left on device.");
        Permissions[permission.Lease] = permission;
    }

    public void Forget(LeaseId lease) => Permissions.TryRemove(lease, out _);

    public TimeSpan? PermissionOf(LeaseId lease) => Permissions.TryGetValue(lease, out var permission) ? permission.EndsAt : null;
}
