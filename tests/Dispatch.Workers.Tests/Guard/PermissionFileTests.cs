using Dispatch.Runtimes.Host;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

public sealed class PermissionFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_read()
    {
        var permission = new Permission
        {
            EndsAtNanoseconds = 4711,
            BootId = "boot",
            Lease = "lease-żółć",
            Runtime = "docker",
            ContainerId = new string('c', 64),
            Process = new ProcessIdentity(42, 99),
            Cgroup = "/sys/fs/cgroup/x",
        };
        Assert.Null(PermissionFile.Read(_folder));

        PermissionFile.Write(_folder, permission);
        Assert.Equal(permission, PermissionFile.Read(_folder));

        var bare = permission with { Process = null, Cgroup = null, ContainerId = "name" };
        PermissionFile.Write(_folder, bare);
        Assert.Equal(bare, PermissionFile.Read(_folder));

        PermissionFile.Delete(_folder);
        Assert.Null(PermissionFile.Read(_folder));
        PermissionFile.Delete(_folder);
    }

    [Fact]
    public void Renewing_changes_the_end_in_place_and_nothing_else()
    {
        var permission = new Permission { EndsAtNanoseconds = 1, BootId = "b", Lease = "l", Runtime = "process", ContainerId = "c" };
        PermissionFile.Write(_folder, permission);
        var size = new FileInfo(Path.Combine(_folder, PermissionFile.Name)).Length;

        PermissionFile.Renew(_folder, long.MaxValue);

        Assert.Equal(permission with { EndsAtNanoseconds = long.MaxValue }, PermissionFile.Read(_folder));
        Assert.Equal(size, new FileInfo(Path.Combine(_folder, PermissionFile.Name)).Length);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_reader_sees_every_renewal_whole()
    {
        PermissionFile.Write(_folder, new Permission { EndsAtNanoseconds = 0, BootId = "b", Lease = "l", Runtime = "process", ContainerId = "c" });
        var done = false;
        var writer = Task.Run(() =>
        {
            for (var i = 0; i < 2_000; i++)
                PermissionFile.Renew(_folder, i % 2 == 0 ? 0 : -1);
            Volatile.Write(ref done, true);
        });

        while (!Volatile.Read(ref done))
            Assert.Contains(PermissionFile.Read(_folder)!.EndsAtNanoseconds, new[] { 0L, -1L });
        await writer;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(100)]
    public void What_is_no_permission_is_not_taken_for_one(int at)
    {
        PermissionFile.Write(_folder, new Permission { EndsAtNanoseconds = 1, BootId = "boot", Lease = "l", Runtime = "process", ContainerId = new string('c', 200) });
        var file = Path.Combine(_folder, PermissionFile.Name);
        var bytes = File.ReadAllBytes(file);
        bytes[at] ^= 1;
        File.WriteAllBytes(file, bytes);

        Assert.Throws<InvalidDataException>(() => PermissionFile.Read(_folder));
        File.WriteAllBytes(file, bytes[..100]);
        Assert.Throws<InvalidDataException>(() => PermissionFile.Read(_folder));
    }
}
