using System.Collections.Concurrent;
using Dispatch.Contracts.Ids;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers;

/// <summary>The guard's process of one data directory, and the files that it goes by.</summary>
public sealed class WorkerGuard : IWorkerGuard
{
    private const string OwnProcesses = "process";

    private readonly GuardLink link;
    private readonly string attempts;
    private readonly string bootId = HostIdentity.Read().BootId;
    private readonly ConcurrentDictionary<LeaseId, ContainerPermission> written = new();

    /// <summary>Makes it.</summary>
    /// <param name="link">The way to the guard, shared with the process runtime; it must be able to start one. Stays the caller's.</param>
    public WorkerGuard(GuardLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        this.link = link;
        attempts = Path.Combine(Path.GetFullPath(link.DataDirectory), PermissionFile.AttemptsFolder);
    }

    /// <inheritdoc/>
    public Task EnsureRunningAsync(CancellationToken cancellationToken) => link.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public void Permit(ContainerPermission permission)
    {
        ArgumentNullException.ThrowIfNull(permission);
        if (permission.Runtime == OwnProcesses)
        {
            // The guard started it and knows it better.
            permission = permission with { ProcessId = null };
        }

        var ends = Nanoseconds(permission.EndsAt);
        var folder = FolderOf(permission.Lease);
        if (written.TryGetValue(permission.Lease, out var last) && last == permission with { EndsAt = last.EndsAt })
        {
            if (last.EndsAt != permission.EndsAt)
            {
                PermissionFile.Renew(folder, ends);
            }
        }
        else if (last is null && permission.ProcessId is null && Read(permission.Lease) is { Process: not null } before)
        {
            // An earlier process of the worker knew it better: by its process the guard ends it also where the runtime does not answer.
            PermissionFile.Write(folder, before with { EndsAtNanoseconds = ends });
        }
        else
        {
            PermissionFile.Write(folder, new()
            {
                EndsAtNanoseconds = ends,
                BootId = bootId,
                Lease = permission.Lease.Value,
                Runtime = permission.Runtime,
                ContainerId = permission.Container,
                Process = permission.ProcessId is { } pid ? ProcessIdentity.Of(pid) : null,
                Cgroup = permission.ProcessId is { } main ? CgroupOf(main, permission.Container) : null,
            });
        }

        written[permission.Lease] = permission;
    }

    /// <inheritdoc/>
    public void Forget(LeaseId lease)
    {
        written.TryRemove(lease, out _);
        if (Directory.Exists(FolderOf(lease)))
        {
            PermissionFile.Delete(FolderOf(lease));
        }
    }

    /// <inheritdoc/>
    public TimeSpan? PermissionOf(LeaseId lease) => Read(lease) is { } permission ? TimeSpan.FromTicks(permission.EndsAtNanoseconds / 100) : null;

    private static long Nanoseconds(TimeSpan time) => time.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>What was written in this boot.</summary>
    private Permission? Read(LeaseId lease)
    {
        try
        {
            return PermissionFile.Read(FolderOf(lease)) is { } permission && permission.BootId == bootId ? permission : null;
        }
        catch (InvalidDataException)
        {
            // The guard takes an unreadable permission for one that has ended, and so does the worker.
            return null;
        }
    }

    private string FolderOf(LeaseId lease) => Path.Combine(attempts, AttemptFolder.NameOf(lease));

    /// <summary>The folder of a container's own cgroup: version 2, else the hierarchy that counts processes. One that does not bear the container's id may be shared, and is left alone.</summary>
    private static string? CgroupOf(int pid, string container)
    {
        try
        {
            var lines = File.ReadAllLines($"/proc/{pid}/cgroup").Select(line => line.Split(':', 3)).Where(line => line.Length == 3).ToArray();
            return lines.Where(line => line[1].Length == 0).Select(line => "/sys/fs/cgroup" + line[2])
                .Concat(lines.Where(line => line[1] == "pids").Select(line => "/sys/fs/cgroup/pids" + line[2]))
                .FirstOrDefault(folder => folder.Contains(container, StringComparison.Ordinal) && File.Exists(Path.Combine(folder, "cgroup.procs")));
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
