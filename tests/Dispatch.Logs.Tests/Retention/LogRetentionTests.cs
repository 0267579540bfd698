using Dispatch.Contracts.Logs;
using Dispatch.Logs.Retention;
using static Dispatch.Logs.Tests.TemporaryRoot;

namespace Dispatch.Logs.Tests.Retention;

public sealed class LogRetentionTests : IDisposable
{
    private readonly TemporaryRoot _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData(true, 7, false)]
    [InlineData(true, 8, true)]
    [InlineData(false, 8, false)]
    [InlineData(false, 30, false)]
    [InlineData(false, 31, true)]
    public void Complete_logs_go_after_a_week_and_abandoned_ones_after_a_month(bool complete, int days, bool goes)
    {
        var chosen = LogRetention.Choose([new("f", complete, Start)], Start.AddDays(days), new LogStoreOptions { Root = "r" });
        Assert.Equal(goes ? ["f"] : [], chosen);
    }

    [Fact]
    public async Task A_sweep_removes_old_logs_and_their_empty_folders_and_a_new_log_may_follow()
    {
        var store = _root.Open();
        await store.AppendAsync(Key, [Out(0, "old")], default);
        await store.CompleteAsync(Key, default);
        await store.AppendAsync(Key with { Job = new("open") }, [Out(0, "open")], default);
        Assert.Equal(0, await store.SweepAsync(default));

        _root.Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(1, await store.SweepAsync(default));
        Assert.Empty(await store.ListAsync(Key.Job, default));
        Assert.Single(Directory.GetDirectories(_root.Path));

        await store.AppendAsync(Key, [Out(0, "new")], default);
        Assert.Equal("new", await ReadTextAsync(store, OutputStream.Stdout));
    }

    [Fact]
    public async Task A_log_that_somebody_follows_stays()
    {
        var store = _root.Open();
        await store.AppendAsync(Key, [Out(0, "x")], default);
        await using var follower = store.FollowAsync(Key, default, default).GetAsyncEnumerator();
        Assert.True(await follower.MoveNextAsync());
        _root.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(0, await store.SweepAsync(default));
        await follower.DisposeAsync();
        Assert.Equal(1, await store.SweepAsync(default));
    }
}
