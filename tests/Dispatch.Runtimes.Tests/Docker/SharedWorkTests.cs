using Dispatch.Runtimes.Docker;

namespace Dispatch.Runtimes.Tests.Docker;

public sealed class SharedWorkTests
{
    private readonly SharedWork<int> _shared = new();
    private int _begun;

    [Fact]
    public async Task Callers_of_one_key_share_and_of_another_do_not()
    {
        var release = new TaskCompletionSource();
        var same = new[] { JoinAsync("a", release.Task), JoinAsync("a", release.Task) };
        var other = JoinAsync("b", release.Task);
        release.SetResult();

        Assert.Equal(await same[0], await same[1]);
        Assert.NotEqual(await same[0], await other);
        Assert.Equal(2, _begun);
    }

    [Fact]
    public async Task What_has_ended_is_not_shared()
    {
        Assert.Equal(1, await JoinAsync("a", Task.CompletedTask));
        Assert.Equal(2, await JoinAsync("a", Task.CompletedTask));
    }

    [Fact]
    public async Task A_failure_is_shared_and_then_forgotten()
    {
        var release = new TaskCompletionSource();
        var both = new[] { JoinAsync("a", release.Task), JoinAsync("a", release.Task) };
        release.SetException(new IOException("broken"));

        foreach (var join in both)
            await Assert.ThrowsAsync<IOException>(() => join);
        Assert.Equal(2, await JoinAsync("a", Task.CompletedTask));
    }

    [Fact]
    public async Task The_last_who_leaves_cancels_the_work_and_the_next_begins_anew()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var cancelled = new TaskCompletionSource();
        Task<int> Join(CancellationToken leave) => _shared.JoinAsync("a", async token =>
        {
            try
            {
                return await new TaskCompletionSource<int>().Task.WaitAsync(token);
            }
            finally
            {
                cancelled.SetResult();
            }
        }, leave);
        var joins = new[] { Join(first.Token), Join(second.Token) };

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joins[0]);
        Assert.False(cancelled.Task.IsCompleted);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joins[1]);

        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await JoinAsync("a", Task.CompletedTask));
    }

    private Task<int> JoinAsync(string key, Task until) => _shared.JoinAsync(key, async _ =>
    {
        var number = Interlocked.Increment(ref _begun);
        await until;
        return number;
    }, CancellationToken.None);
}
