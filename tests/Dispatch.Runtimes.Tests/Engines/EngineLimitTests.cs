using Dispatch.Contracts.Errors;
using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineLimitTests(TestEngine engine) : EngineTests(engine)
{
    [Fact, Trait("case", "G21")]
    public async Task G21_out_of_memory_is_told_as_such_and_the_limit_is_the_limit()
    {
        var plan = Shell("exec tail /dev/zero") with { MemoryBytes = 64L << 20 };
        var sink = new RecordingSink();
        var id = await Runtime.CreateAsync(plan, Cancel);
        var host = (await Daemon.Api.InspectContainerAsync(id))!.Value.GetProperty("HostConfig");
        await Runtime.StartAsync(id, sink, Cancel);
        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal((137, (int?)9, true), (exit.Code, exit.Signal, exit.OutOfMemory));
        Assert.Equal(67_108_864, host.GetProperty("Memory").GetInt64());
        Assert.Equal(67_108_864, host.GetProperty("MemorySwap").GetInt64());
    }

    [Fact, Trait("case", "G22")]
    public async Task G22_orphans_are_reaped_so_the_pids_limit_counts_living_processes()
    {
        var (exit, output) = await RunAsync(
            Shell("(n=0; while [ $n -lt 200 ]; do (sh -c 'echo x' &); n=$((n+1)); sleep 0.02; done; echo end) & exec sleep 8") with { PidsMax = 64 });

        Assert.Equal(0, exit.Code);
        Assert.Equal("", output.StderrText);
        Assert.Equal(string.Concat(Enumerable.Repeat("x\n", 200)), output.StdoutText.Replace("end\n", "", StringComparison.Ordinal));
        Assert.Contains("end\n", output.StdoutText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Processes_beyond_the_limit_cannot_be_made()
    {
        var (exit, output) = await RunAsync(Shell("for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; wait") with { PidsMax = 5 });

        Assert.NotEqual(0, exit.Code);
        Assert.Contains("fork", output.StderrText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 20, 0.5)]
    [InlineData(64L << 20, 5000)]
    public async Task Limits_that_the_host_cannot_give_fail_at_the_start(long memoryBytes, double cpuCores)
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Shell("true") with { MemoryBytes = memoryBytes, CpuCores = cpuCores }));

        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Empty(await Daemon.Api.ContainerIdsAsync());
    }

    [Fact]
    public async Task The_secure_defaults_hold_inside_the_container()
    {
        var (_, output) = await RunAsync(Shell("grep -E 'NoNewPrivs|CapEff|CapBnd' /proc/self/status; touch /x && echo wrote; ls /sys/class/net"));

        // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, KILL 5, SETGID 6, SETUID 7, NET_BIND_SERVICE 10.
        Assert.Contains("CapEff:\t00000000000004fb\n", output.StdoutText, StringComparison.Ordinal);
        Assert.Contains("CapBnd:\t00000000000004fb\n", output.StdoutText, StringComparison.Ordinal);
        Assert.Contains("NoNewPrivs:\t1\n", output.StdoutText, StringComparison.Ordinal);
        Assert.EndsWith("wrote\nlo\n", output.StdoutText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_plan_adds_or_takes_away_is_done()
    {
        var plan = Shell("grep CapEff /proc/self/status; touch /x || echo read-only; echo t > /t/f; df -k /t | tail -n 1 | awk '{print $2}'")
            with { Capabilities = ["NET_RAW"], ReadOnlyRoot = true, Tmpfs = new Dictionary<string, long> { ["/t"] = 1 << 20 } };
        var (exit, output) = await RunAsync(plan);

        Assert.Equal(0, exit.Code);
        Assert.Equal("CapEff:\t00000000000024fb\nread-only\n1024\n", output.StdoutText);
    }

    [Fact]
    public async Task A_mount_is_there_as_asked_and_its_missing_source_is_an_error()
    {
        var folder = Directory.CreateTempSubdirectory("dm").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "f"), "from the host\n", Cancel);
            var (_, output) = await RunAsync(Shell("cat /m/f; echo x > /m/g || echo read-only") with { Mounts = [new ContainerMount(folder, "/m", ReadOnly: true)] });
            Assert.Equal("from the host\nread-only\n", output.StdoutText);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        var error = await Assert.ThrowsAsync<RuntimeException>(() => RunAsync(Shell("true") with { Mounts = [new ContainerMount(folder, "/m", ReadOnly: true)] }));
        Assert.Equal(ErrorCode.StartFailed, error.Code);
        Assert.Contains(folder, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }
}
