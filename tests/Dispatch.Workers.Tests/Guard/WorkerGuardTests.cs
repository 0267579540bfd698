using Dispatch.Contracts.Ids;
using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Dispatch.Workers.Attempts;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

public sealed class WorkerGuardTests : IDisposable
{
    private static readonly LeaseId Lease = new("lease-1");

    private readonly string _data = Directory.CreateTempSubdirectory("dispatch-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_worker_that_is_back_and_does_not_know_the_process_yet_leaves_it_to_the_guard()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_data, PermissionFile.AttemptsFolder, AttemptFolder.NameOf(Lease))).FullName;
        await PermitAsync(new ContainerPermission(Lease, "podman", "c1", Environment.ProcessId, TimeSpan.FromSeconds(10)));
        await PermitAsync(new ContainerPermission(Lease, "podman", "c1", null, TimeSpan.FromSeconds(20)));

        var written = PermissionFile.Read(folder)!;
        Assert.Equal((ProcessIdentity.Of(Environment.ProcessId), "c1", 20_000_000_000), (written.Process, written.ContainerId, written.EndsAtNanoseconds));
    }

    /// <summary>Each a process of the worker of its own.</summary>
    private async Task PermitAsync(ContainerPermission permission)
    {
        await using var link = new GuardLink(_data, ensureRunning: null);
        new WorkerGuard(link).Permit(permission);
    }
}
