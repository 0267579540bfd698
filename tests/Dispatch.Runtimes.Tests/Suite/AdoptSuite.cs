using System.Text;

namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>The worker went away and came back.</summary>
public abstract class AdoptSuite : RuntimeSuite
{
    [Fact, Trait("case", "G32")]
    public async Task G32_an_adopted_one_goes_on_and_no_byte_is_lost_or_doubled()
    {
        // It goes on until it is told to end, so that it runs at each restart however long that takes.
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("trap 'end=1' TERM; i=0; while [ -z \"$end\" ] || [ $i -lt 60 ]; do i=$((i+1)); echo $i; echo e$i >&2; sleep 0.05; done; exit 7"), sink);
        await UntilAsync(() => sink.StdoutText.Contains("\n15\n", StringComparison.Ordinal));

        for (var restart = 0; restart < 3; restart++)
        {
            var again = await Harness.RestartAsync();
            await Task.Delay(200, Cancel);
            var started = await again.AdoptAsync(id, sink, Cancel);
            Assert.NotNull(started.ProcessId);
        }

        await Runtime.StopAsync(id, TimeSpan.FromMinutes(1), Cancel);
        var exit = await Runtime.WaitAsync(id, Cancel);
        Assert.Equal((7, (int?)null), (exit.Code, exit.Signal));
        var lines = sink.StdoutText.Count(character => character == '\n');
        Assert.True(lines >= 60);
        Assert.Equal(string.Concat(Enumerable.Range(1, lines).Select(i => $"{i}\n")), sink.StdoutText);
        Assert.Equal(string.Concat(Enumerable.Range(1, lines).Select(i => $"e{i}\n")), sink.StderrText);
        await Runtime.RemoveAsync(id, Cancel);
        await Harness.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Long_lines_and_bytes_that_are_no_text_arrive_unchanged_across_a_restart()
    {
        // Engines keep long lines in pieces: of 8 KiB, of 16 KiB.
        var lengths = new[] { 16_383, 16_384, 16_385, 8_192, 32_768, 40_000, 0, 1 };
        var sink = new RecordingSink();
        var id = await StartAsync(
            Shell($"print() {{ for n in {string.Join(' ', lengths)}; do head -c $n /dev/zero | tr '\\0' $1; echo; done; printf '\\377\\0\\344\\n\\344\\270'; }}; trap 'go=1' TERM; "
                + "print a; print b >&2; echo half >&2; echo half; until [ -n \"$go\" ]; do sleep 0.05; done; print c; print d >&2; printf end; exit 7"), sink);
        await UntilAsync(() => sink.Stdout.AsSpan().EndsWith("half\n"u8) && sink.Stderr.AsSpan().EndsWith("half\n"u8));

        var again = await Harness.RestartAsync();
        await again.AdoptAsync(id, sink, Cancel);
        await again.StopAsync(id, TimeSpan.FromMinutes(1), Cancel);
        var exit = await again.WaitAsync(id, Cancel);

        byte[] Printed(char letter) => [.. lengths.SelectMany(length => Encoding.ASCII.GetBytes(new string(letter, length) + "\n")), 0xFF, 0, 0xE4, (byte)'\n', 0xE4, 0xB8];
        Assert.Equal(7, exit.Code);
        Assert.Equal<byte>([.. Printed('a'), .. "half\n"u8, .. Printed('c'), .. "end"u8], sink.Stdout);
        Assert.Equal<byte>([.. Printed('b'), .. "half\n"u8, .. Printed('d')], sink.Stderr);
        await again.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task A_line_of_three_megabytes_with_a_restart_in_its_middle_is_one_line()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(
            Shell("trap 'go=1' TERM; head -c 1500000 /dev/zero | tr '\\0' x; until [ -n \"$go\" ]; do sleep 0.05; done; head -c 1500000 /dev/zero | tr '\\0' y; echo; echo after"), sink);
        await UntilAsync(() => sink.Position(OutputStream.Stdout) == 1_500_000);

        var again = await Harness.RestartAsync();
        await again.AdoptAsync(id, sink, Cancel);
        await again.StopAsync(id, TimeSpan.FromMinutes(1), Cancel);
        await again.WaitAsync(id, Cancel);

        Assert.Equal(new string('x', 1_500_000) + new string('y', 1_500_000) + "\nafter\n", sink.StdoutText);
        await again.RemoveAsync(id, Cancel);
    }

    [Fact, Trait("case", "G33")]
    public async Task G33_one_that_ended_while_nobody_watched_keeps_code_times_and_output()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("echo a; sleep 1; echo b; exit 7"), sink);
        await UntilAsync(() => sink.StdoutText == "a\n");
        var again = await Harness.RestartAsync();
        while ((await again.InspectAsync(id, Cancel))!.Phase == ContainerPhase.Running)
            await Task.Delay(20, Cancel);
        await Task.Delay(1000, Cancel);

        var started = await again.AdoptAsync(id, sink, Cancel);
        var exit = await again.WaitAsync(id, Cancel);

        Assert.Null(started.ProcessId);
        Assert.Equal((7, "a\nb\n"), (exit.Code, sink.StdoutText));
        Assert.InRange(exit.FinishedAt - exit.StartedAt, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1.9));
        Assert.Equal(exit.StartedAt, started.StartedAt, TimeSpan.FromMilliseconds(10));
        await again.RemoveAsync(id, Cancel);
    }

    [Fact]
    public async Task One_that_is_stopped_by_the_next_worker_tells_its_signal()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("echo up; exec sleep 300"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");

        var again = await Harness.RestartAsync();
        await again.AdoptAsync(id, sink, Cancel);
        await again.StopAsync(id, TimeSpan.FromSeconds(20), Cancel);

        Assert.Equal(15, (await again.WaitAsync(id, Cancel)).Signal);
        Assert.Equal("up\n", sink.StdoutText);
        await again.RemoveAsync(id, Cancel);
        await Harness.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task One_that_is_not_there_cannot_be_adopted()
    {
        var error = await Assert.ThrowsAsync<RuntimeException>(() => Runtime.AdoptAsync("no-such-container", new RecordingSink(), Cancel));

        Assert.True(error.ContainerGone);
    }

    [Fact, Trait("case", "G34")]
    public async Task G34_one_that_was_removed_is_gone_for_the_next_worker_and_never_a_success()
    {
        var sink = new RecordingSink();
        var id = await StartAsync(Shell("echo up; sleep 300"), sink);
        await UntilAsync(() => sink.StdoutText == "up\n");
        var again = await Harness.RestartAsync();
        await again.RemoveAsync(id, Cancel);

        var error = await Assert.ThrowsAsync<RuntimeException>(() => again.AdoptAsync(id, sink, Cancel));

        Assert.True(error.ContainerGone);
        Assert.Equal("up\n", sink.StdoutText);
    }
}
