using System.Diagnostics;
using System.Security.Cryptography;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class DockerLogTests(DockerEngine engine) : DockerTests(engine)
{
    private const string Count = "awk 'BEGIN { for (i = 0; i < 2097152; i++) printf \"%09d\\n\", i }'";
    private static readonly byte[] Random1Mb = RandomBytes(1 << 20);

    [Fact]
    public async Task G05_the_last_line_without_a_newline_is_kept()
    {
        var (_, output) = await RunAsync(Shell("printf 'a\\nb'; printf 'err-no-nl' >&2"));

        Assert.Equal("a\nb", output.StdoutText);
        Assert.Equal("err-no-nl", output.StderrText);
    }

    [Fact]
    public async Task G06_a_character_split_over_two_writes_keeps_its_bytes()
    {
        var (_, output) = await RunAsync(Shell("printf '\\344\\270'; sleep 1; printf '\\255\\n'"));

        Assert.Equal([0xe4, 0xb8, 0xad, 0x0a], output.Stdout);
    }

    [Fact]
    public async Task G07_a_line_of_40000_characters_is_one_line()
    {
        var (_, output) = await RunAsync(Shell("head -c 40000 /dev/zero | tr '\\0' x; echo"));

        Assert.Equal(40_001, output.Stdout.Length);
        Assert.Equal("e50972c39b902a9e195006850d45815637b39683ff3fca41be63428a08931d58", Sha256(output.Stdout));
    }

    [Fact]
    public async Task G09_eight_megabytes_without_a_newline_arrive_whole_and_soon()
    {
        var since = Stopwatch.GetTimestamp();
        var (exit, output) = await RunAsync(Shell("head -c 8388608 /dev/zero | tr '\\0' x"));
        var took = Stopwatch.GetElapsedTime(since);

        Assert.Equal(0, exit.Code);
        Assert.Equal("0c77bc0a0795a93612d45256897456d0fcb24f151c44c150d07ecd03f4ef5168", Sha256(output.Stdout));
        Assert.True(took < TimeSpan.FromSeconds(10), $"took {took}");
    }

    [Fact]
    public async Task G09_a_sink_that_takes_nothing_does_not_hold_up_the_container()
    {
        var open = new TaskCompletionSource();
        using var sink = new MemorySink { BeforeAppend = () => open.Task };
        var (id, _) = await StartAsync(Shell("head -c 8388608 /dev/zero | tr '\\0' x"), sink);

        // The container ends although not one byte was taken; then all of it is taken.
        await UntilAsync(async () => (await Runtime.InspectAsync(id, Cancel))!.Phase == ContainerPhase.Exited);
        Assert.Empty(sink.Stdout);
        open.SetResult();
        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal(0, exit.Code);
        Assert.Equal("0c77bc0a0795a93612d45256897456d0fcb24f151c44c150d07ecd03f4ef5168", Sha256(sink.Stdout));
    }

    [Fact]
    public async Task Both_streams_of_twenty_megabytes_arrive_whole_and_in_order()
    {
        var (exit, output) = await RunAsync(Shell($"{Count} & {Count} >&2; wait") with { CpuCores = 2 });

        Assert.Equal(0, exit.Code);
        AssertCounted(output.StdoutText);
        AssertCounted(output.StderrText);
    }

    [Fact]
    public async Task Random_bytes_arrive_unchanged_while_attached()
    {
        var (_, output) = await RunAsync(Shell("cat /r/random") with { Mounts = [RandomFile()] });

        Assert.Equal(Random1Mb, output.Stdout);
    }

    [Fact]
    public async Task Random_bytes_arrive_unchanged_out_of_the_engines_files()
    {
        using var first = new MemorySink();
        var (id, _) = await StartAsync(Shell("cat /r/random; cat /r/random >&2") with { Mounts = [RandomFile()] }, first);
        await Runtime.WaitAsync(id, Cancel);

        using var second = new MemorySink();
        await Runtime.AdoptAsync(id, second, Cancel);
        await Runtime.WaitAsync(id, Cancel);

        Assert.Equal(Random1Mb, second.Stdout);
        Assert.Equal(Random1Mb, second.Stderr);
    }

    [Fact]
    public async Task G19_without_input_there_is_the_end_of_the_file_at_once()
    {
        var (exit, output) = await RunAsync(Plan("cat"));

        Assert.Equal(0, exit.Code);
        Assert.Empty(output.Stdout);
    }

    [Theory]
    [InlineData("line1\nline2\n", "2\n")]
    [InlineData("no newline", "0\n")]
    public async Task G19_given_input_is_read_and_ends_after_its_last_byte(string input, string lines)
    {
        var (exit, output) = await RunAsync(Plan("wc", "-l") with { Stdin = System.Text.Encoding.UTF8.GetBytes(input) });

        Assert.Equal(0, exit.Code);
        Assert.Equal(lines, output.StdoutText);
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

    private static void AssertCounted(string text)
    {
        Assert.Equal(2_097_152 * 10, text.Length);
        for (var line = 0; line < 2_097_152; line++)
        {
            if (int.Parse(text.AsSpan(line * 10, 9), System.Globalization.CultureInfo.InvariantCulture) != line)
                Assert.Fail($"line {line} is '{text.Substring(line * 10, 9)}'");
        }
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
