using Dispatch.Contracts.Logs;
using static Dispatch.Logs.Tests.TemporaryRoot;

namespace Dispatch.Logs.Tests;

/// <summary>Two stores over one root, as two servers have them.</summary>
public sealed class SharedRootTests : IDisposable
{
    private readonly TemporaryRoot _root = new();
    private readonly LogStore _one;
    private readonly LogStore _two;

    public SharedRootTests() => (_one, _two) = (Store(), Store());

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task What_one_took_the_other_reads_and_goes_on_from()
    {
        Assert.Equal(LogPositions.None, await _two.GetPositionsAsync(Key, default));
        await _one.AppendAsync(Key, [Out(0, "one\n"), Err(0, "e1\n")], default);
        Assert.Equal("one\n", await ReadTextAsync(_two, OutputStream.Stdout));
        Assert.Equal(4, (await _two.AppendAsync(Key, [Out(9, "late\n")], default)).Positions.Stdout.Length);
        Assert.False((await _two.AppendAsync(Key, [Out(0, "one\ntwo\n")], default)).Gap);
        await _one.AppendAsync(Key, [Out(8, "three\n")], default);
        await _two.CompleteAsync(Key, default);

        foreach (var store in (LogStore[])[_one, _two])
        {
            Assert.Equal("one\ntwo\nthree\n", await ReadTextAsync(store, OutputStream.Stdout));
            Assert.Equal("e1\n", await ReadTextAsync(store, OutputStream.Stderr));
            Assert.True((await store.GetPositionsAsync(Key, default)).Complete);
        }
    }

    [Fact]
    public async Task A_follower_of_one_sees_what_the_other_takes_until_it_is_complete()
    {
        var following = FollowToEndAsync(_one);
        await _two.AppendAsync(Key, [Out(0, "a")], default);
        await _one.AppendAsync(Key, [Out(1, "b")], default);
        await _two.AppendAsync(Key, [Out(2, "c")], default);
        await _two.CompleteAsync(Key, default);
        Assert.Equal("abc"u8.ToArray(), Joined(await following, OutputStream.Stdout));
    }

    [Fact]
    public async Task Two_that_take_the_same_output_at_once_keep_every_byte_once_over_many_files()
    {
        var bytes = new byte[40_000];
        new Random(7).NextBytes(bytes);
        await Task.WhenAll(((LogStore[])[_one, _two]).Select(store => Task.Run(async () =>
        {
            var at = 0L;
            while (at < bytes.Length)
            {
                var piece = new LogPiece(OutputStream.Stdout, at, Start, bytes.AsMemory((int)at, Math.Min(37, bytes.Length - (int)at)));
                var answer = await store.AppendAsync(Key, [piece], default);
                Assert.False(answer.Gap);
                at = answer.Positions.Stdout.Length;
            }
        })));

        Assert.Equal(bytes, await ReadAllAsync(_one, OutputStream.Stdout));
        Assert.Equal(bytes, await ReadAllAsync(_two, OutputStream.Stdout));
        await _two.CompleteAsync(Key, default);
        Assert.Equal(bytes, Joined(await FollowToEndAsync(_one), OutputStream.Stdout));
    }

    [Fact]
    public async Task What_one_removed_is_gone_for_the_other_which_may_begin_anew()
    {
        await _one.AppendAsync(Key, [Out(0, "old")], default);
        await _one.CompleteAsync(Key, default);
        Assert.Equal("old", await ReadTextAsync(_two, OutputStream.Stdout));
        _root.Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, await _one.SweepAsync(default));

        Assert.Equal(LogPositions.None, await _two.GetPositionsAsync(Key, default));
        await _two.AppendAsync(Key, [Out(0, "new")], default);
        Assert.Equal("new", await ReadTextAsync(_one, OutputStream.Stdout));
    }

    private LogStore Store() => new(new LogStoreOptions { Root = _root.Path, Shared = true, BytesPerStreamMax = 64_000, EntriesMax = 4_000 }, _root.Time);
}
