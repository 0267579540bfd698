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
        var chosen = LogRetention.Choose([new("f", complete, Start, 1)], Start.AddDays(days), new LogStoreOptions { Root = "r" });
        Assert.Equal(goes ? ["f"] : [], chosen);
    }

    [Theory]
    [InlineData(true, 23, false)]
    [InlineData(true, 25, true)]
    [InlineData(false, 25, true)]
    public void Logs_of_forgotten_jobs_go_after_a_day(bool complete, int hours, bool goes)
    {
        var chosen = LogRetention.Choose([new("f", complete, Start, 1), new("known", complete, Start.AddMinutes(2), 1)], Start.AddHours(hours), new LogStoreOptions { Root = "r", ForgottenBefore = Start.AddMinutes(1) });
        Assert.Equal(goes ? ["f"] : [], chosen);
    }

    [Theory]
    [InlineData(false, false, 167, false)]
    [InlineData(false, false, 169, true)]
    [InlineData(true, false, 23, false)]
    [InlineData(true, false, 25, true)]
    [InlineData(false, true, 0, true)]
    public void The_files_of_a_log_are_looked_at_only_where_it_may_go_or_the_size_of_all_is_asked_for(bool forgets, bool limited, int hours, bool looks)
    {
        var options = new LogStoreOptions { Root = "r", ForgottenBefore = forgets ? Start : null, BytesMax = limited ? 1 : null };
        Assert.Equal(looks, LogRetention.MayChoose(Start, Start.AddHours(hours), options));
    }

    [Fact]
    public void Where_all_take_more_than_the_limit_the_oldest_that_nobody_writes_go_first()
    {
        LogFolderFacts[] logs = [new("newest", true, Start.AddHours(5), 40), new("old", true, Start.AddHours(2), 40), new("written", false, Start.AddHours(1), 40), new("forgotten", false, Start, 40), new("past", true, Start.AddDays(-8), 40)];
        Assert.Equal(["past"], Choose(160));
        Assert.Equal(["past", "forgotten"], Choose(159));
        Assert.Equal(["past", "forgotten", "old"], Choose(80));
        Assert.Equal(["past", "forgotten", "old", "newest"], Choose(0));

        IReadOnlyList<string> Choose(long bytesMax) =>
            LogRetention.Choose(logs, Start.AddHours(6), new LogStoreOptions { Root = "r", ForgottenBefore = Start.AddMinutes(1), BytesMax = bytesMax });
    }

    [Fact]
    public async Task A_sweep_holds_all_jobs_together_to_the_limit_of_bytes_on_the_disk()
    {
        var store = _root.Open(options => options with { BytesMax = 40_000 });
        foreach (var job in (string[])["a", "b", "c"])
        {
            await store.AppendAsync(Key with { Job = new(job) }, [Out(0, new string('x', 20_000))], default);
            await store.CompleteAsync(Key with { Job = new(job) }, default);
        }

        await store.SweepAsync(default);

        var left = new DirectoryInfo(_root.Path).GetFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.InRange(left, 20_000, 40_000);
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
