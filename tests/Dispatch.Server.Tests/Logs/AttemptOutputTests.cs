using System.Text;
using Dispatch.Contracts.Logs;
using Dispatch.Logs;
using Dispatch.Server.Logs;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Server.Tests.Logs;

public sealed class AttemptOutputTests : IDisposable
{
    private static readonly LogKey Key = new(new("job"), new("3f2a8f8e-0c55-4f0e-9a37-6a2f7f0c1b11"), 1);
    private static readonly TimeSpan Late = AttemptOutput.LateWithin;
    private readonly string _folder = Directory.CreateTempSubdirectory("dispatch-output-").FullName;
    private readonly WaitedTime _time = new();
    private readonly LogStore _logs;
    private readonly TaskCompletionSource<OutputPromise> _over = new();

    public AttemptOutputTests() => _logs = new(new() { Root = _folder }, _time);

    public void Dispose()
    {
        _logs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_a_worker_ships_after_the_job_is_closed_reaches_the_follower_and_so_much_as_reported_is_all()
    {
        await AppendAsync(0, "begun ");
        await using var reader = Read(Late);
        Assert.Equal("begun ", await TextAsync(reader));
        _over.SetResult(OutputPromise.Of(new(1, 10, 0)));

        var next = reader.MoveNextAsync().AsTask();
        await _time.WaitedForAsync();
        await AppendAsync(6, "over");
        Assert.True(await next);
        Assert.Equal("over", Text(reader));
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Output_of_unknown_length_has_ended_when_the_worker_says_so()
    {
        _over.SetResult(OutputPromise.UntilSaid);
        await using var reader = Read(Late);
        var next = reader.MoveNextAsync().AsTask();
        await _time.WaitedForAsync();
        await AppendAsync(0, "all");
        Assert.True(await next);
        await _logs.CompleteAsync(Key, default);
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Each_byte_that_comes_begins_the_wait_anew_and_after_a_whole_one_the_follower_is_told_what_is_missing()
    {
        _over.SetResult(OutputPromise.Of(new(1, 10, 3)));
        await using var reader = Read(Late);
        var next = reader.MoveNextAsync().AsTask();
        await _time.WaitedForAsync();
        _time.Advance(Late - TimeSpan.FromSeconds(1));
        await AppendAsync(0, "begun ");
        Assert.True(await next);

        next = reader.MoveNextAsync().AsTask();
        await _time.WaitedForAsync();
        _time.Advance(Late - TimeSpan.FromSeconds(1));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await next);
        Assert.Equal("4 bytes of standard output and 3 of standard error of attempt 1 have not come from its worker, or are not kept any more", Assert.IsType<Followed.Missing>(reader.Current).Text);
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Whoever_does_not_follow_is_told_at_once()
    {
        await AppendAsync(0, "begun ");
        _over.SetResult(OutputPromise.UntilSaid);
        await using var reader = Read(TimeSpan.Zero);
        Assert.Equal("begun ", await TextAsync(reader));
        Assert.True(await reader.MoveNextAsync());
        Assert.Contains("may have printed more", Assert.IsType<Followed.Missing>(reader.Current).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_captured_is_all_of_a_lost_worker_and_of_a_log_that_is_complete(bool complete)
    {
        await AppendAsync(0, "begun ");
        if (complete)
            await _logs.CompleteAsync(Key, default);
        _over.SetResult(complete ? OutputPromise.UntilSaid : OutputPromise.Captured);
        await using var reader = Read(TimeSpan.Zero);
        Assert.Equal("begun ", await TextAsync(reader));
        Assert.False(await reader.MoveNextAsync());
    }

    [Fact]
    public async Task Where_nobody_can_tell_whether_the_attempt_is_over_its_end_is_not_made_up()
    {
        await AppendAsync(0, "begun ");
        await using var reader = Read(Late);
        Assert.Equal("begun ", await TextAsync(reader));
        _over.SetException(new IOException("Temporal is away"));
        await Assert.ThrowsAsync<IOException>(async () => await reader.MoveNextAsync());
    }

    private static string Text(IAsyncEnumerator<Followed> reader) => Encoding.UTF8.GetString(Assert.IsType<Followed.Output>(reader.Current).Piece.Bytes.Span);

    private static async Task<string> TextAsync(IAsyncEnumerator<Followed> reader)
    {
        Assert.True(await reader.MoveNextAsync());
        return Text(reader);
    }

    private IAsyncEnumerator<Followed> Read(TimeSpan late) => new AttemptOutput(_logs, _time).ReadAsync(Key, default, _over.Task, late, default).GetAsyncEnumerator();

    private Task<LogAppended> AppendAsync(long offset, string text) => _logs.AppendAsync(Key, [new(OutputStream.Stdout, offset, DateTimeOffset.UnixEpoch, Encoding.UTF8.GetBytes(text))], default);

    /// <summary>Time that stands still until it is advanced, and tells when somebody waits for it.</summary>
    private sealed class WaitedTime : FakeTimeProvider
    {
        private readonly SemaphoreSlim _waits = new(0);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Late)
                _waits.Release();
            return timer;
        }

        public async Task WaitedForAsync() => Assert.True(await _waits.WaitAsync(TimeSpan.FromSeconds(30)), "Nobody waits.");
    }
}
