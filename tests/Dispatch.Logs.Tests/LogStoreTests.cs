using System.Security.Cryptography;
using System.Text;
using Dispatch.Contracts.Logs;
using static Dispatch.Logs.Tests.TemporaryRoot;

namespace Dispatch.Logs.Tests;

public sealed class LogStoreTests : IDisposable
{
    private readonly TemporaryRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task G05_the_last_line_without_a_newline_is_kept_and_followed()
    {
        var store = _root.Open();
        var following = FollowToEndAsync(store);
        await store.AppendAsync(Key, [Out(0, "a\nb"), Err(0, "err-no-nl")], default);
        await store.CompleteAsync(Key, default);

        Assert.Equal([0x61, 0x0A, 0x62], await ReadAllAsync(store, OutputStream.Stdout));
        Assert.Equal("err-no-nl", await ReadTextAsync(store, OutputStream.Stderr));
        var pieces = await following;
        Assert.Equal("a\nb"u8.ToArray(), Joined(pieces, OutputStream.Stdout));
        Assert.Equal("err-no-nl"u8.ToArray(), Joined(pieces, OutputStream.Stderr));
    }

    [Fact]
    public async Task G06_a_character_in_two_appends_is_whole_and_a_reader_may_begin_inside_it()
    {
        var store = _root.Open();
        await store.AppendAsync(Key, [new(OutputStream.Stdout, 0, Start, new byte[] { 0xE4, 0xB8 })], default);
        await store.AppendAsync(Key, [new(OutputStream.Stdout, 2, Start, new byte[] { 0xAD, 0x0A })], default);
        await store.CompleteAsync(Key, default);

        Assert.Equal([0xE4, 0xB8, 0xAD, 0x0A], await ReadAllAsync(store, OutputStream.Stdout));
        Assert.Equal([0xB8, 0xAD, 0x0A], (await store.ReadAsync(Key, OutputStream.Stdout, 1, 100, default)).Bytes.ToArray());
        var text = new Utf8Text();
        Assert.Equal("中\n", string.Concat((await FollowToEndAsync(store)).Select(piece => text.Append(piece.Bytes.Span))));
    }

    [Fact]
    public async Task G07_a_line_over_many_appends_is_one_line_with_one_time_stamp()
    {
        var store = _root.Open();
        var bytes = Encoding.ASCII.GetBytes(new string('x', 40_000) + "\n");
        for (var (offset, second) = (0, 0); offset < bytes.Length; offset += 16_384, second++)
            await store.AppendAsync(Key, [new(OutputStream.Stdout, offset, Start.AddSeconds(second), bytes.AsMemory(offset, Math.Min(16_384, bytes.Length - offset)))], default);
        await store.CompleteAsync(Key, default);

        Assert.Equal("e50972c39b902a9e195006850d45815637b39683ff3fca41be63428a08931d58", Convert.ToHexStringLower(SHA256.HashData(await ReadAllAsync(store, OutputStream.Stdout))));
        var lines = new TimedLines();
        var view = (await FollowToEndAsync(store)).SelectMany(lines.Append).Concat(lines.End()).ToList();
        var line = Assert.Single(view);
        Assert.Equal((Start, 40_000), (line.Time, line.Text.Length));
    }

    [Fact]
    public async Task G10_a_follower_cut_off_at_any_byte_and_resumed_sees_every_byte_once()
    {
        var store = _root.Open();
        var whole = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 2_000).Select(n => $"{n:D6}\n")));
        var writing = Task.Run(async () =>
        {
            for (var offset = 0; offset < whole.Length; offset += 70)
            {
                await store.AppendAsync(Key, [new(OutputStream.Stdout, offset, Start, whole.AsMemory(offset, 70))], default);
                await Task.Yield();
            }

            await store.CompleteAsync(Key, default);
        });

        var received = new List<byte>();
        foreach (var cutAfter in (int[])[13, 1_000, 2_501, 2_502, 9_999])
        {
            await foreach (var piece in store.FollowAsync(Key, new(received.Count, 0), default))
            {
                Assert.Equal(received.Count, piece.Offset);
                received.AddRange(piece.Bytes.ToArray().Take(Math.Max(0, cutAfter - received.Count)));
                if (received.Count >= cutAfter)
                    break;
            }
        }

        received.AddRange(Joined(await FollowToEndAsync(store, new(received.Count, 0)), OutputStream.Stdout));
        await writing;
        Assert.Equal(14_000, received.Count);
        Assert.Equal("51e433549bca71a6aef1ec85e68d8a668aaed47cc7ee624f54609dca8f2ff064", Convert.ToHexStringLower(SHA256.HashData(received.ToArray())));
    }

    [Fact]
    public async Task G11_the_tail_is_the_newest_MiB_and_says_that_it_is_a_tail()
    {
        var store = _root.Open();
        var whole = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 393_216).Select(n => $"{n:D7}\n")));
        for (var offset = 0; offset < whole.Length; offset += 65_536)
            await store.AppendAsync(Key, [new(OutputStream.Stdout, offset, Start, whole.AsMemory(offset, 65_536))], default);

        Assert.Equal("48fb6661d0eaf5688322403cbd1c2b1a3f4a9b796b19504bc324bd7ba2382dea", Convert.ToHexStringLower(SHA256.HashData(await ReadAllAsync(store, OutputStream.Stdout))));
        var tail = await store.TailAsync(Key, OutputStream.Stdout);
        Assert.Equal((ILogStore.TailBytes, true), (tail.Bytes.Length, tail.TruncatedBefore));
        Assert.EndsWith("0393215\n", Encoding.ASCII.GetString(tail.Bytes.Span), StringComparison.Ordinal);
        Assert.False((await store.TailAsync(Key, OutputStream.Stderr)).TruncatedBefore);
    }

    [Fact]
    public async Task Bytes_that_are_there_are_passed_over_and_a_gap_is_refused_with_the_length()
    {
        var store = _root.Open();
        await store.AppendAsync(Key, [Out(0, "hello")], default);
        var overlapping = await store.AppendAsync(Key, [Out(0, "hello"), Out(3, "lo wor"), Err(0, "e")], default);
        Assert.Equal((9L, 1L, false), (overlapping.Positions.Stdout.Length, overlapping.Positions.Stderr.Length, overlapping.Gap));

        var gap = await store.AppendAsync(Key, [Out(9, "ld"), Out(12, "x"), Err(1, "not taken")], default);
        Assert.Equal((11L, 1L, true), (gap.Positions.Stdout.Length, gap.Positions.Stderr.Length, gap.Gap));
        Assert.Equal("hello world", await ReadTextAsync(store, OutputStream.Stdout));
    }

    [Fact]
    public async Task The_order_between_the_streams_and_the_times_are_those_of_the_appends()
    {
        var store = _root.Open();
        await store.AppendAsync(Key, [Out(0, "1", 1), Err(0, "2", 2), Out(1, "3", 3)], default);
        await store.AppendAsync(Key, [Err(1, "4", 4)], default);
        await store.CompleteAsync(Key, default);
        store = _root.Open();

        var pieces = await FollowToEndAsync(store);
        Assert.Equal("1234", string.Concat(pieces.Select(piece => Encoding.ASCII.GetString(piece.Bytes.Span))));
        Assert.Equal([1, 2, 3, 4], pieces.Select(piece => (int)(piece.Time - Start).TotalSeconds));
        var resumed = await FollowToEndAsync(store, new(1, 1));
        Assert.Equal("34", string.Concat(resumed.Select(piece => Encoding.ASCII.GetString(piece.Bytes.Span))));
    }

    [Fact]
    public async Task A_follower_may_begin_before_the_log_and_ends_with_it()
    {
        var store = _root.Open();
        Assert.Equal(LogPositions.None, await store.GetPositionsAsync(Key, default));
        var following = FollowToEndAsync(store);
        Assert.False(following.IsCompleted);
        await store.CompleteAsync(Key, default);
        Assert.Empty(await following);
        Assert.True((await store.GetPositionsAsync(Key, default)).Complete);
        await store.CompleteAsync(Key, default);
    }

    [Fact]
    public async Task A_follower_that_is_cancelled_ends_as_cancelled()
    {
        var store = _root.Open();
        using var cancellation = new CancellationTokenSource();
        await store.AppendAsync(Key, [Out(0, "x")], default);
        var following = Task.Run(async () =>
        {
            await foreach (var _ in store.FollowAsync(Key, default, cancellation.Token))
                await cancellation.CancelAsync();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    [Fact]
    public async Task A_follower_that_reads_nothing_does_not_hold_up_the_writer()
    {
        var store = _root.Open();
        await store.AppendAsync(Key, [Out(0, "first")], default);
        await using var stuck = store.FollowAsync(Key, default, default).GetAsyncEnumerator();
        Assert.True(await stuck.MoveNextAsync());
        var block = new byte[65_536];
        for (var i = 0; i < 128; i++)
            await store.AppendAsync(Key, [new(OutputStream.Stdout, 5 + (i * 65_536L), Start, block)], default);
        Assert.Equal(5 + 8_388_608, (await store.GetPositionsAsync(Key, default)).Stdout.Length);
    }

    [Fact]
    public async Task A_log_without_a_byte_is_one_file_and_takes_what_comes_late()
    {
        using var root = new TemporaryRoot();
        await root.Open().CompleteAsync(TemporaryRoot.Key, default);
        Assert.Single(Directory.GetFiles(root.Folder));

        var store = root.Open();
        var summary = Assert.Single(await store.ListAsync(TemporaryRoot.Key.Job, default));
        Assert.Equal((TemporaryRoot.Key, true, 0L), (summary.Key, summary.Positions.Complete, summary.Positions.Stdout.Length));

        await store.AppendAsync(TemporaryRoot.Key, [TemporaryRoot.Out(0, "late")], default);
        summary = Assert.Single(await root.Open().ListAsync(TemporaryRoot.Key.Job, default));
        Assert.Equal((TemporaryRoot.Key, true, 4L), (summary.Key, summary.Positions.Complete, summary.Positions.Stdout.Length));
    }

    [Fact]
    public async Task A_complete_log_still_takes_what_comes_late_and_stays_complete()
    {
        var store = _root.Open();
        await store.AppendAsync(Key, [Out(0, "a")], default);
        await store.CompleteAsync(Key, default);
        Assert.True((await store.AppendAsync(Key, [Out(1, "b")], default)).Positions.Complete);
        Assert.Equal("ab"u8.ToArray(), Joined(await FollowToEndAsync(store), OutputStream.Stdout));
    }

    [Fact]
    public async Task The_newest_bytes_are_kept_offsets_stay_and_the_cut_is_visible()
    {
        static LogStoreOptions Small(LogStoreOptions options) => options with { BytesPerStreamMax = 800 };
        var store = _root.Open(Small);
        for (var i = 0; i < 500; i++)
            await store.AppendAsync(Key, [Out(i * 10, $"{i:D9}\n")], default);

        for (var restart = 0; restart < 2; restart++, store = _root.Open(Small))
        {
            var slice = await store.ReadAsync(Key, OutputStream.Stdout, 0, 10_000, default);
            Assert.Equal(5_000, slice.Extent.Length);
            Assert.InRange(slice.Bytes.Length, 800, 1_000);
            Assert.Equal(5_000 - slice.Bytes.Length, slice.Extent.First);
            Assert.EndsWith("000000499\n", Encoding.ASCII.GetString(slice.Bytes.Span), StringComparison.Ordinal);
            Assert.Equal($"{slice.Offset / 10:D9}\n", Encoding.ASCII.GetString(slice.Bytes.Span[..10]));
        }

        await store.CompleteAsync(Key, default);
        var pieces = await FollowToEndAsync(store, new(30, 0));
        Assert.InRange(pieces[0].Offset, 4_000, 4_200);
        Assert.Equal(5_000, pieces[^1].End);
        Assert.InRange(new DirectoryInfo(_root.Folder).EnumerateFiles("stdout-*").Sum(file => file.Length), 800, 1_000);
    }

    [Fact]
    public async Task The_index_is_bounded_too_and_what_it_no_longer_orders_is_gone()
    {
        var store = _root.Open(options => options with { EntriesMax = 80 });
        for (var i = 0; i < 1_000; i++)
            await store.AppendAsync(Key, [Out(i, "x"), Err(i, "y")], default);

        var positions = await store.GetPositionsAsync(Key, default);
        Assert.InRange(1_000 - positions.Stdout.First, 40, 50);
        Assert.InRange(1_000 - positions.Stderr.First, 40, 50);
        Assert.InRange(new DirectoryInfo(_root.Folder).EnumerateFiles("index-*").Count(), 8, 9);
        await store.CompleteAsync(Key, default);
        Assert.Equal(2 * (1_000 - (int)positions.Stdout.First), (await FollowToEndAsync(store)).Count);
    }

    [Fact]
    public async Task Attempts_and_conversations_of_a_job_are_listed_and_no_other_jobs()
    {
        var store = _root.Open();
        var second = Key with { Attempt = 2 };
        var later = Key with { Conversation = new("another") };
        foreach (var key in (LogKey[])[second, Key])
            await store.AppendAsync(key, [Out(0, "abc")], default);
        _root.Time.Advance(TimeSpan.FromSeconds(1));
        await store.AppendAsync(later, [Out(0, "abc")], default);
        await store.AppendAsync(Key with { Job = new("job/1 ../Ż") }, [Out(0, "abc")], default);

        var list = await _root.Open().ListAsync(Key.Job, default);
        Assert.Equal([Key, second, later], list.Select(summary => summary.Key));
        Assert.All(list, summary => Assert.Equal(3, summary.Positions.Stdout.Length));
        Assert.Empty(await _root.Open().ListAsync(new("nobody"), default));
    }

    [Theory]
    [InlineData("../../../etc/passwd")]
    [InlineData("/absolute")]
    [InlineData("..")]
    [InlineData("a\0b")]
    [InlineData("CON")]
    [InlineData(" ")]
    [InlineData("日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本日本")]
    public async Task Whatever_an_id_is_its_log_stays_below_the_root(string id)
    {
        var key = new LogKey(new(id), new(id), 1);
        await _root.Open().AppendAsync(key, [Out(0, id)], default);
        Assert.StartsWith(_root.Path + "/", _root.Folder, StringComparison.Ordinal);
        Assert.Equal(id, Encoding.UTF8.GetString(await ReadAllAsync(_root.Open(), OutputStream.Stdout, key)));
        Assert.Equal(key, Assert.Single(await _root.Open().ListAsync(key.Job, default)).Key);
    }

    [Fact]
    public async Task What_nobody_should_ask_is_refused()
    {
        var store = _root.Open();
        await Assert.ThrowsAsync<ArgumentException>(() => store.AppendAsync(Key, [Out(-1, "x")], default));
        await Assert.ThrowsAsync<ArgumentException>(() => store.AppendAsync(Key, [new(OutputStream.Stdout, 0, Start, new byte[LogPiece.BytesMax + 1])], default));
        await Assert.ThrowsAsync<ArgumentException>(() => store.AppendAsync(Key, [new((OutputStream)3, 0, Start, new byte[1])], default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.AppendAsync(Key with { Attempt = 0 }, [Out(0, "x")], default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.ReadAsync(Key, OutputStream.Stdout, 0, 0, default));
    }

    [Fact]
    public async Task A_disk_that_fails_is_told_with_its_folder_and_later_the_same_bytes_are_taken()
    {
        var store = _root.Open(options => options with { IdleLogsMax = 0 });
        await store.AppendAsync(Key, [Out(0, "a")], default);
        var folder = _root.Folder;
        Directory.Move(folder, folder + "-away");
        File.WriteAllText(folder, "in the way");

        var failed = await Assert.ThrowsAsync<LogStoreException>(() => store.AppendAsync(Key, [Out(0, "ab")], default));
        Assert.Contains(folder, failed.Message, StringComparison.Ordinal);
        Assert.True(failed.IsTransient);

        File.Delete(folder);
        Directory.Move(folder + "-away", folder);
        await store.AppendAsync(Key, [Out(0, "ab")], default);
        Assert.Equal("ab", await ReadTextAsync(store, OutputStream.Stdout));
    }

    [Fact]
    public async Task Many_logs_and_few_open_files_lose_nothing()
    {
        var store = _root.Open(options => options with { IdleLogsMax = 2 });
        var keys = Enumerable.Range(1, 20).Select(attempt => Key with { Attempt = attempt }).ToList();
        var following = keys.Select(key => FollowToEndAsync(store, key: key)).ToList();
        for (var round = 0; round < 5; round++)
            await Task.WhenAll(keys.Select(key => store.AppendAsync(key, [Out(round, "x")], default)));
        await Task.WhenAll(keys.Select(key => store.CompleteAsync(key, default)));
        Assert.All(await Task.WhenAll(following), pieces => Assert.Equal("xxxxx"u8.ToArray(), Joined(pieces, OutputStream.Stdout)));
    }
}
