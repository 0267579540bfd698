using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Runs;
using Dispatch.Integration.Tests.Stack;

namespace Dispatch.Integration.Tests.Cases;

/// <summary>What a plain process prints reaches its readers byte for byte.</summary>
[Collection(CaseCollection.Name)]
public sealed partial class LogCases(DevFixture fixture) : StackTests(fixture.Stack)
{
    [Fact]
    [Trait("case", "G05")]
    public async Task The_last_line_without_a_newline_is_not_lost()
    {
        var gate = Path.Combine(Stack.NewFolder(), "gate");
        var job = await Jobs.SubmitAsync($$"""{"process":["sh","-c","while [ ! -e {{gate}} ]; do sleep 0.1; done; printf 'a\\nb'; printf 'err-no-nl' >&2"]}""");
        await using var follower = Stack.StartCli("logs", "-f", job.Value);
        await Jobs.UntilAsync(job, view => view.State == JobState.Running);
        await File.WriteAllTextAsync(gate, "");

        var followed = await follower.EndAsync(Deadlines.Job);

        await Jobs.EndAsync(job);
        Assert.Equal("a\nb"u8.ToArray(), await Jobs.StdoutAsync(job));
        Assert.Equal("err-no-nl"u8.ToArray(), await Jobs.StderrAsync(job));
        Assert.Equal(("a\nb", "err-no-nl"), (followed.Out, followed.Error));
    }

    [Fact]
    [Trait("case", "G06")]
    public async Task A_character_split_over_two_writes_stays_one_character()
    {
        var job = await Jobs.SubmitAsync("""{"process":["sh","-c","printf '\\344\\270'; sleep 1; printf '\\255\\n'"]}""");
        var events = Jobs.Http.GetStringAsync(new Uri(ApiPaths.Logs(job) + "?follow=true", UriKind.Relative));
        var cli = await Stack.CliAsync("logs", "-f", job.Value);

        await Jobs.EndAsync(job);
        Assert.Equal([0xe4, 0xb8, 0xad, 0x0a], await Jobs.StdoutAsync(job));
        Assert.Equal([0xb8, 0xad, 0x0a], await Jobs.StdoutAsync(job, "?offset=1"));
        Assert.Equal("中\n", cli.Out);
        var text = string.Concat(DataLine().Matches(await events).Select(line => JsonSerializer.Deserialize<JsonElement>(line.Groups[1].Value).TryGetProperty("text", out var value) ? value.GetString() : ""));
        Assert.Equal("中\n", text);
        Assert.Equal("中\n", (await Jobs.GetAsync(job)).StdoutTail!.Text);
    }

    [Fact]
    [Trait("case", "G07")]
    public async Task A_40000_character_line_is_one_line_with_time_stamps_too()
    {
        var job = (await Jobs.RunAsync("""{"process":["sh","-c","head -c 40000 /dev/zero | tr '\\0' x; echo"]}""")).Id;

        Shas.Equal(40_001, "e50972c39b902a9e195006850d45815637b39683ff3fca41be63428a08931d58", await Jobs.StdoutAsync(job));
        var stamped = await Stack.CliAsync("logs", "--timestamps", job.Value);
        Assert.Matches(@"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z x{40000}\n\z", stamped.Ok());
    }

    [Fact]
    [Trait("case", "G08")]
    public async Task A_background_child_that_keeps_stdout_open_does_not_keep_the_job_open()
    {
        var view = await Jobs.RunAsync("""{"process":["sh","-c","echo done; sleep 300 & exit 3"]}""");

        Assert.Equal((TerminationReason.WorkloadExited, 3), (view.Reason!.Value, view.ExitCode!.Value));
        Assert.Equal("done\n", await Jobs.OutAsync(view.Id));
        Assert.InRange(view.Report!.Timings.RunSeconds!.Value, 0, 5 + Deadlines.Slack.TotalSeconds);
        await Until.NothingAsync("its children", () => Task.FromResult(HostProcesses.OfJob(view.Id.Value)), TimeSpan.FromSeconds(5) + Deadlines.Slack);
    }

    [Theory]
    [Trait("case", "G09")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_reading_must_not_stop_the_writer(bool withDeadReader)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        var job = new JobId($"G09-{withDeadReader}");
        var gate = Path.Combine(Stack.NewFolder(), "gate");
        await Jobs.SubmitAsync($$"""{"process":["sh","-c","while [ ! -e {{gate}} ]; do sleep 0.1; done; head -c 8388608 /dev/zero | tr '\\0' x"],"timeouts":{"run":"60s"} }""", job.Value);
        if (withDeadReader)
        {
            await socket.ConnectAsync(Stack.Http.Host, Stack.Http.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {ApiPaths.Logs(job)}?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            await Jobs.UntilAsync(job, one => one.State == JobState.Running);
        }

        await File.WriteAllTextAsync(gate, "");
        var view = await Jobs.EndAsync(job);

        Assert.Equal(0, view.ExitCode);
        Shas.Equal(8_388_608, "0c77bc0a0795a93612d45256897456d0fcb24f151c44c150d07ecd03f4ef5168", await Jobs.StdoutAsync(job));
    }

    [Fact]
    [Trait("case", "G10")]
    public async Task A_follower_cut_off_and_resumed_by_offset_sees_every_byte_once()
    {
        var job = await Jobs.SubmitAsync("""{"process":["sh","-c","seq -f %06g 1 2000 | while read l; do echo $l; sleep 0.002; done"]}""");
        var random = new Random(7);
        var joined = new MemoryStream();
        for (var cut = 0; cut <= 5; cut++)
        {
            // Dropped at any byte, also in the middle of a line; the last connection ends by itself.
            var most = cut < 5 ? random.Next(500, 2_500) : long.MaxValue;
            using var answer = await Jobs.Http.GetAsync(new Uri($"{ApiPaths.RawLog(job, OutputStream.Stdout)}?follow=true&offset={joined.Length}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            using var late = new CancellationTokenSource(Deadlines.Job);
            var one = new byte[1];
            for (long read = 0; read < most && await stream.ReadAsync(one, late.Token) > 0; read++)
                joined.WriteByte(one[0]);
        }

        Shas.Equal(14_000, "51e433549bca71a6aef1ec85e68d8a668aaed47cc7ee624f54609dca8f2ff064", joined.ToArray());
        Assert.Equal(0, (await Jobs.EndAsync(job)).ExitCode);
    }

    [Fact]
    [Trait("case", "G11")]
    public async Task The_tail_says_that_it_is_a_tail_and_history_has_no_output()
    {
        var view = await Jobs.RunAsync("""{"process":["sh","-c","seq -f %07g 0 393215"]}""");

        Assert.Equal(0, view.ExitCode);
        Shas.Equal(3_145_728, "48fb6661d0eaf5688322403cbd1c2b1a3f4a9b796b19504bc324bd7ba2382dea", await Jobs.StdoutAsync(view.Id));
        var tail = view.StdoutTail!;
        Assert.True(tail.Truncated);
        Assert.Equal(3_145_728, tail.TotalBytes);
        Assert.InRange(tail.ToBytes().Length, 1, 1 << 20);
        Assert.EndsWith("0393215\n", tail.Text, StringComparison.Ordinal);

        var history = await (await Stack.ConnectAsync()).GetWorkflowHandle(view.Id.Value).FetchHistoryAsync();
        foreach (var one in history.Events)
            Assert.True(Google.Protobuf.MessageExtensions.ToByteArray(one).AsSpan().IndexOf("0393215"u8) < 0, $"{one}");
    }

    [Fact]
    [Trait("case", "G12")]
    public async Task What_a_job_prints_while_it_is_being_stopped_is_kept()
    {
        var job = await Jobs.SubmitAsync(
            """{"process":["sh","-c","trap 'for i in 1 2 3; do echo bye$i; done; exit 0' TERM; echo up; while :; do sleep 0.1; done"],"timeouts":{"stopGrace":"5s"}}""");
        await Jobs.UntilOutAsync(job, "up\n");

        (await Stack.CliAsync("stop", job.Value, "--reason", "enough")).Ok();

        var view = await Jobs.EndAsync(job);
        Assert.Equal((TerminationReason.Cancelled, ErrorCode.Cancelled), (view.Reason!.Value, view.Error!.Value));
        Assert.Equal("up\nbye1\nbye2\nbye3\n", await Jobs.OutAsync(job));
    }

    [Fact]
    [Trait("case", "G54")]
    public async Task Output_that_grows_when_it_is_encoded_does_not_choke_the_result()
    {
        var ended = await Task.WhenAll(
            Jobs.RunAsync("""{"process":["sh","-c","head -c 2000000 /dev/zero; head -c 2000000 /dev/zero >&2; exit 3"]}"""),
            Jobs.RunAsync("""{"process":["sh","-c","i=0; while [ $i -lt 200000 ]; do printf '\\033[0m'; i=$((i+1)); done; exit 4"]}"""),
            Jobs.RunAsync("""{"process":["python3","-c","import sys;sys.stderr.buffer.write(b'\\xc3\\xa9'*700000);sys.exit(5)"]}"""));

        Assert.Equal([3, 4, 5], ended.Select(view => view.ExitCode!.Value));
        Assert.Equal(2_000_000, (await Jobs.StdoutAsync(ended[0].Id)).Length);
        Assert.Equal(2_000_000, (await Jobs.StderrAsync(ended[0].Id)).Length);
        Assert.Equal(800_000, (await Jobs.StdoutAsync(ended[1].Id)).Length);
        Assert.Equal(1_400_000, (await Jobs.StderrAsync(ended[2].Id)).Length);
        var client = await Stack.ConnectAsync();
        foreach (var view in ended)
        {
            var history = await client.GetWorkflowHandle(view.Id.Value).FetchHistoryAsync();
            Assert.DoesNotContain(history.Events, one => one.WorkflowTaskFailedEventAttributes is not null || one.WorkflowTaskTimedOutEventAttributes is not null);
            Assert.All(history.Events, one => Assert.InRange(one.CalculateSize(), 0, 256 << 10));
            Assert.InRange(history.Events.Sum(one => one.CalculateSize()), 0, 1 << 20);
        }
    }

    [GeneratedRegex("^data: (.*)$", RegexOptions.Multiline)]
    private static partial Regex DataLine();
}
