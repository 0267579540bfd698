using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;
using Dispatch.Workers.Guard;

namespace Dispatch.Workers.Tests.Guard;

/// <summary>A start that takes its time: a slow disk, a host that was frozen.</summary>
public sealed class LateStartTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("dispatch-").FullName;
    private readonly SlowClock _clock = new();

    public void Dispose() => TreeRemover.Remove(_data);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void Nothing_is_started_whose_permission_ends_while_its_start_is_prepared(int seconds, bool starts)
    {
        var attempt = Directory.CreateDirectory(Path.Combine(_data, PermissionFile.AttemptsFolder, "job-1")).FullName;
        var folder = ProcessLayout.Folder(attempt);
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(ProcessLayout.GuardFolder(_data));
        PermissionFile.Write(attempt, new Permission
        {
            EndsAtNanoseconds = seconds * 1_000_000_000L, BootId = HostIdentity.Read().BootId, Lease = "lease", Runtime = "process", ContainerId = "job-1",
        });
        var book = new StartBook(_data);
        using var pump = new OutputPump();
        var starter = new ProcessStarter(new GuardOptions { DataDirectory = _data, Clock = _clock }, book, pump, CgroupTree.None, HostIdentity.Read());
        GuardedProcess? started = null;

        var refusal = Record.Exception(() => starter.Start(Spawn(folder), new Lock(), process => started = process));

        Assert.Equal(starts, started is not null);
        Assert.Equal(starts, refusal is null);
        Assert.Equal(starts ? 1 : 0, book.Read().Count);
        if (!starts) Assert.Equal(GuardRefusal.PermissionEnded, Assert.IsType<GuardRefusal>(refusal).Error);
    }

    private static GuardSpawn Spawn(string folder) => new()
    {
        Name = "job-1", Place = new(folder, new Dictionary<string, string>()), Program = "/bin/true", Arguments = ["true"], Environment = [], WorkingDirectory = "/",
        MemoryBytes = 1 << 20, PidsMax = 10, CpuCores = 1,
    };

    /// <summary>A second passes between two looks at it.</summary>
    private sealed class SlowClock : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => ++_seconds;
    }
}
