using Dispatch.Runtimes.Tests.Suite;
using Engines.Fixture;

namespace Dispatch.Runtimes.Tests.Engines;

public abstract class EngineLogTests(TestEngine engine) : EngineTests(engine)
{
    private static readonly byte[] Random1Mb = RandomBytes(1 << 20);

    [Fact]
    public async Task Random_bytes_arrive_unchanged_while_attached()
    {
        var (_, output) = await RunAsync(Shell("cat /r/random") with { Mounts = [RandomFile()] });

        Assert.Equal(Random1Mb, output.Stdout);
    }

    [Fact]
    public async Task Random_bytes_arrive_unchanged_out_of_the_engines_files()
    {
        var first = new RecordingSink();
        var (id, _) = await StartAsync(Shell("cat /r/random; cat /r/random >&2") with { Mounts = [RandomFile()] }, first);
        await Runtime.WaitAsync(id, Cancel);

        var second = new RecordingSink();
        await Runtime.AdoptAsync(id, second, Cancel);
        await Runtime.WaitAsync(id, Cancel);

        Assert.Equal(Random1Mb, second.Stdout);
        Assert.Equal(Random1Mb, second.Stderr);
    }

    [Fact, Trait("case", "G09")]
    public async Task G09_a_slow_sink_does_not_slow_the_container()
    {
        var sink = new RecordingSink { BeforeAppend = token => Task.Delay(40, token) };
        var (id, _) = await StartAsync(Shell("head -c 8388608 /dev/zero | tr '\\0' x"), sink);
        await UntilAsync(async () => (await Runtime.InspectAsync(id, Cancel))!.Phase == ContainerPhase.Exited);
        Assert.True(sink.Stdout.Length < 4_000_000, $"{sink.Stdout.Length} bytes were taken meanwhile");

        Assert.Equal(0, (await Runtime.WaitAsync(id, Cancel)).Code);
        Assert.Equal(8_388_608, sink.Stdout.Length);
    }

    [Fact]
    public async Task Input_that_nobody_reads_harms_nothing()
    {
        var (exit, output) = await RunAsync(Shell("echo over; exit 4") with { Stdin = new byte[64 * 1024] });

        Assert.Equal((4, "over\n"), (exit.Code, output.StdoutText));
    }

    private ContainerMount RandomFile()
    {
        // In the engine's own folder, which goes with it.
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(Daemon.SocketPath)!, "random")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "random"), Random1Mb);
        return new ContainerMount(folder, "/r", ReadOnly: true);
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(4).NextBytes(bytes);
        return bytes;
    }
}
