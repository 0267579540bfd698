using System.Security.Cryptography;
using System.Text;
using Dispatch.Contracts.Logs;
using Dispatch.Workers.Logs;
using Dispatch.Workers.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dispatch.Workers.Tests.Logs;

public sealed class AttemptLogTests : IDisposable
{
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(30);

    private readonly string folder = Directory.CreateTempSubdirectory("dispatch-log-").FullName;
    private readonly FakeLogIntake intake = new();

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Both_streams_arrive_whole_and_their_end_is_said()
    {
        await using var log = Log();
        await AppendAsync(log, OutputStream.Stdout, "a\n");
        await AppendAsync(log, OutputStream.Stderr, "err");
        await AppendAsync(log, OutputStream.Stdout, "b");
        await log.CompleteAsync(Plenty);
        Assert.True(log.IsShipped);
        Assert.Equal(("a\nb", "err"), (intake.Text(WorkerBench.Key), intake.Text(WorkerBench.Key, OutputStream.Stderr)));
        Assert.True(intake.Complete[WorkerBench.Key]);
        Assert.Equal((3L, 3L), (log.Reference(1).StdoutBytes, log.Reference(1).StderrBytes));
    }

    [Fact]
    public async Task Of_an_attempt_that_printed_nothing_the_store_hears_nothing_and_nobody_waits_for_it()
    {
        intake.Away = true;
        await using var log = Log();
        await log.CompleteAsync(Plenty);
        Assert.True(log.IsShipped);
        Assert.Empty(intake.Complete);
    }

    [Fact]
    public async Task Output_is_shipped_while_the_job_runs()
    {
        await using var log = Log();
        await AppendAsync(log, OutputStream.Stdout, "up\n");
        await Until.True(() => intake.Text(WorkerBench.Key) == "up\n", "the first line is shipped");
    }

    [Fact]
    public async Task Lost_answers_double_and_lose_nothing()
    {
        intake.LoseEvery = 2;
        await using var log = Log();
        var expected = new StringBuilder();
        for (var line = 0; line < 300; line++)
        {
            expected.Append(line).Append('\n');
            await AppendAsync(log, OutputStream.Stdout, $"{line}\n");
            if (line % 100 == 0)
            {
                await Until.True(() => intake.Text(WorkerBench.Key).Length == expected.Length, "it is shipped");
            }
        }

        await log.CompleteAsync(Plenty);
        Assert.Equal(expected.ToString(), intake.Text(WorkerBench.Key));
    }

    [Fact]
    public async Task A_restart_goes_on_at_the_exact_byte_on_disk_and_in_the_store()
    {
        await using (var first = Log())
        {
            await AppendAsync(first, OutputStream.Stdout, "one\n");
            await Until.True(() => intake.Text(WorkerBench.Key) == "one\n", "it is shipped");
            intake.Away = true;
            await AppendAsync(first, OutputStream.Stdout, "two\n");
        }

        intake.Away = false;
        await using var second = Log();
        Assert.Equal(8, second.Position(OutputStream.Stdout));
        await AppendAsync(second, OutputStream.Stdout, "three\n");
        await second.CompleteAsync(Plenty);
        Assert.Equal("one\ntwo\nthree\n", intake.Text(WorkerBench.Key));
    }

    [Fact]
    public async Task A_writer_never_waits_for_the_store()
    {
        intake.Away = true;
        await using var log = Log();
        var block = new byte[64 * 1024];
        for (var count = 0; count < 128; count++)
        {
            RandomNumberGenerator.Fill(block);
            await log.AppendAsync(OutputStream.Stdout, block, CancellationToken.None).AsTask().WaitAsync(Plenty);
        }

        intake.Away = false;
        await log.CompleteAsync(Plenty);
        Assert.True(log.IsShipped);
        Assert.Equal(8 << 20, log.Reference(1).StdoutBytes);
    }

    [Fact]
    public async Task Output_beyond_the_limit_is_dropped_and_the_position_survives_a_restart()
    {
        await using (var log = Log(captureBytesMax: 10))
        {
            await AppendAsync(log, OutputStream.Stdout, "0123456789abcdef");
            Assert.Equal((16L, 10L), (log.Position(OutputStream.Stdout), log.Reference(1).StdoutBytes));
        }

        await using var again = Log(captureBytesMax: 10);
        Assert.Equal(16, again.Position(OutputStream.Stdout));
        await AppendAsync(again, OutputStream.Stdout, "more");
        await again.CompleteAsync(Plenty);
        Assert.Equal("0123456789", intake.Text(WorkerBench.Key));
    }

    [Fact]
    public void Stretches_are_joined_in_order_and_bounded()
    {
        var progress = new LogProgress();
        for (var piece = 0; piece < LogProgress.StretchesMax + 10; piece++)
        {
            progress.Add(piece % 2 == 0 ? OutputStream.Stdout : OutputStream.Stderr, piece / 2, 1, default);
        }

        Assert.Equal(LogProgress.StretchesMax + 10, progress.PendingBytes);
        Assert.True(progress.Next(long.MaxValue).Count <= LogProgress.StretchesMax);
        Assert.Equal(progress.PendingBytes, progress.Next(long.MaxValue).Sum(stretch => stretch.Count));
        progress.Shipped(OutputStream.Stdout, long.MaxValue);
        progress.Shipped(OutputStream.Stderr, 5);
        Assert.All(progress.Next(long.MaxValue), stretch => Assert.True(stretch.Stream == OutputStream.Stderr && stretch.Offset >= 5));
    }

    private AttemptLog Log(long captureBytesMax = 1 << 30) => new(folder, WorkerBench.Key, intake, captureBytesMax, TimeProvider.System, NullLogger.Instance);

    private static async Task AppendAsync(AttemptLog log, OutputStream stream, string text) =>
        await log.AppendAsync(stream, Encoding.UTF8.GetBytes(text), CancellationToken.None);
}
