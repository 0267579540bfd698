using System.Security.Cryptography;
using System.Text;

namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>Output: every byte, once, in order, whoever reads it however slowly.</summary>
public abstract class LogSuite : RuntimeSuite
{
    [Fact, Trait("case", "G05")]
    public async Task G05_the_last_line_needs_no_newline()
    {
        var (_, output) = await RunAsync(Shell("printf 'a\\nb'; printf 'err-no-nl' >&2"));

        Assert.Equal("a\nb"u8.ToArray(), output.Stdout);
        Assert.Equal("err-no-nl"u8.ToArray(), output.Stderr);
    }

    [Fact, Trait("case", "G06")]
    public async Task G06_a_character_in_two_writes_arrives_byte_for_byte_and_at_once()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("printf '\\344\\270'; sleep 1; printf '\\255\\n'"), sink);
        await UntilAsync(() => sink.Stdout.Length == 2);
        Assert.Equal(ContainerPhase.Running, (await Runtime.InspectAsync(id, Cancel))!.Phase);

        await Runtime.WaitAsync(id, Cancel);

        Assert.Equal([0xE4, 0xB8, 0xAD, 0x0A], sink.Stdout);
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact, Trait("case", "G07")]
    public async Task G07_a_line_of_forty_thousand_characters_is_one_line()
    {
        var (_, output) = await RunAsync(Shell("head -c 40000 /dev/zero | tr '\\0' x; echo"));

        Assert.Equal(40_001, output.Stdout.Length);
        Assert.Equal("e50972c39b902a9e195006850d45815637b39683ff3fca41be63428a08931d58", Hash(output.Stdout));
    }

    [Fact]
    public async Task A_sink_whose_disk_stays_full_keeps_no_end_and_what_it_did_not_take_is_counted()
    {
        var full = false;
        var sink = new RecordingSink { BeforeAppend = _ => full ? throw new OutputRefusedException("full") : Task.CompletedTask };
        var id = await StartAsync(Shell("echo begun; sleep 1; head -c 300000 /dev/zero; echo err >&2; exit 3"), sink);
        await UntilAsync(() => sink.Stdout.Length == 6);
        full = true;

        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal((3, 300_004L, "begun\n", ""), (exit.Code, exit.OutputBytesLost, sink.StdoutText, sink.StderrText));
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task A_sink_whose_disk_was_full_for_a_while_gets_every_byte()
    {
        var (full, refusals) = (true, 0);
        var sink = new RecordingSink { BeforeAppend = _ => full && ++refusals > 0 ? throw new OutputRefusedException("full") : Task.CompletedTask };
        var id = await StartAsync(Shell("yes 0123456 | head -c 3200000; sleep 2; echo end"), sink);
        await UntilAsync(() => refusals > 0);
        full = false;

        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.EndsWith("0123456\nend\n", sink.StdoutText, StringComparison.Ordinal);
        Assert.Equal((0L, 3_200_004), (exit.OutputBytesLost, sink.Stdout.Length));
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact, Trait("case", "G08")]
    public async Task G08_a_child_in_the_background_is_ended_and_not_waited_for()
    {
        var mark = $"{Environment.ProcessId}.08";
        var began = TimeProvider.System.GetTimestamp();
        var (exit, output) = await RunAsync(Shell($"echo done; sleep {mark} & exit 3"));

        Assert.Equal((3, "done\n"), (exit.Code, output.StdoutText));
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(10));
        Assert.Empty(HostProcesses.WithArgument(mark));
    }

    [Fact]
    public async Task Children_that_outlive_in_another_session_are_ended_too()
    {
        var mark = $"{Environment.ProcessId}.09";
        var (exit, _) = await RunAsync(Shell($"setsid sh -c 'trap \"\" TERM HUP; sleep {mark}; echo late' & (setsid env -i /bin/sleep {mark} >/dev/null 2>&1 &) ; sleep 0.3; exit 4"));

        Assert.Equal(4, exit.Code);
        Assert.Empty(HostProcesses.WithArgument(mark));
    }

    [Fact, Trait("case", "G09")]
    public async Task G09_a_reader_that_does_not_read_does_not_stop_the_writer()
    {
        var read = new TaskCompletionSource();
        var sink = new RecordingSink { BeforeAppend = token => read.Task.WaitAsync(token) };
        var id = await StartAsync(Shell("head -c 8388608 /dev/zero | tr '\\0' x"), sink);
        var ended = Runtime.WaitAsync(id, Cancel);
        while ((await Runtime.InspectAsync(id, Cancel))!.Phase != ContainerPhase.Exited)
            await Task.Delay(20, Cancel);

        read.SetResult();
        var exit = await ended;

        Assert.Equal(0, exit.Code);
        Assert.True(exit.FinishedAt - exit.StartedAt < TimeSpan.FromSeconds(20));
        Assert.Equal(8_388_608, sink.Stdout.Length);
        Assert.Equal("0c77bc0a0795a93612d45256897456d0fcb24f151c44c150d07ecd03f4ef5168", Hash(sink.Stdout));
        await Runtime.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task Twenty_megabytes_on_both_streams_arrive_whole_and_in_order()
    {
        const int lines = 2_500_000;
        var (exit, output) = await RunAsync(Shell($"seq -w 1 {lines} >&2 & seq -w 1 {lines}; wait"));

        var expected = new StringBuilder();
        for (var i = 1; i <= lines; i++)
            expected.Append(i.ToString("D7", System.Globalization.CultureInfo.InvariantCulture)).Append('\n');
        var hash = Hash(Encoding.ASCII.GetBytes(expected.ToString()));
        Assert.Equal(0, exit.Code);
        Assert.Equal((lines * 8, hash), (output.Stdout.Length, Hash(output.Stdout)));
        Assert.Equal((lines * 8, hash), (output.Stderr.Length, Hash(output.Stderr)));
    }

    [Fact]
    public async Task Output_named_as_a_file_adds_to_what_was_written()
    {
        var (exit, output) = await RunAsync(Shell("echo a; echo b > /dev/stdout; echo c >> /dev/stdout; echo d; echo x > /dev/stderr; echo y > /dev/stderr; echo z >&2"));

        Assert.Equal((0, "a\nb\nc\nd\n", "x\ny\nz\n"), (exit.Code, output.StdoutText, output.StderrText));
    }

    [Fact, Trait("case", "G12")]
    public async Task G12_what_is_printed_while_being_stopped_is_kept()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("trap 'for i in 1 2 3; do echo bye$i; done; exit 0' TERM; echo up; while :; do sleep 0.1; done"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        await Runtime.StopAsync(id, TimeSpan.FromSeconds(20), Cancel);
        var exit = await Runtime.WaitAsync(id, Cancel);

        Assert.Equal((0, "up\nbye1\nbye2\nbye3\n"), (exit.Code, sink.StdoutText));
        await Runtime.RemoveAsync(id, Cancel);
    }

    protected static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
