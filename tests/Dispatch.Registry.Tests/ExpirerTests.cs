using Dispatch.Contracts.Errors;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Memory;
using Microsoft.Extensions.Time.Testing;
using Registry.Suite;

namespace Dispatch.Registry.Tests;

public sealed class ExpirerTests
{
    [Fact]
    public async Task A_registry_that_does_not_answer_is_told_once_with_its_reason_and_once_when_it_is_over()
    {
        var time = new FakeTimeProvider();
        var log = new CapturedLog<Expirer>();
        var duties = new FailingDuties();
        using var expirer = new Expirer(new InMemoryRegistry(Desk.Pools, new RegistryOptions(), time), new ExpirerOptions(), time, log, duties);
        await expirer.StartAsync(CancellationToken.None);
        duties.Away = true;
        await duties.AskedAsync(5, time);
        duties.Away = false;
        await duties.AskedAsync(5, time);
        await log.UntilAsync("The expiry of leases goes on after");
        Assert.Equal(2, log.Lines.Count);
        Assert.Contains("The expiry of leases waits: the database is away. It is tried again and again.", log.Lines[0], StringComparison.Ordinal);
        await expirer.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task What_nobody_foresaw_ends_no_loop_and_is_told_as_another_kind_of_the_same_outage()
    {
        var time = new FakeTimeProvider();
        var log = new CapturedLog<Expirer>();
        var duties = new FailingDuties { Away = true };
        using var expirer = new Expirer(new InMemoryRegistry(Desk.Pools, new RegistryOptions(), time), new ExpirerOptions(), time, log, duties);
        await expirer.StartAsync(CancellationToken.None);
        await duties.AskedAsync(3, time);
        duties.Broken = true;
        await duties.AskedAsync(3, time);
        duties.Broken = duties.Away = false;
        await log.UntilAsync("The expiry of leases goes on after", () => time.Advance(TimeSpan.FromMilliseconds(250)));
        Assert.Equal(3, log.Lines.Count);
        Assert.Contains("what nobody foresaw", log.Lines[1], StringComparison.Ordinal);
        Assert.False(expirer.ExecuteTask!.IsCompleted);
        await expirer.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_registry_that_comes_and_goes_all_the_time_is_told_once_a_minute()
    {
        var time = new FakeTimeProvider();
        var log = new CapturedLog<Expirer>();
        var duties = new FailingDuties();
        using var expirer = new Expirer(new InMemoryRegistry(Desk.Pools, new RegistryOptions(), time), new ExpirerOptions(), time, log, duties);
        await expirer.StartAsync(CancellationToken.None);
        var start = time.GetUtcNow();
        while (time.GetUtcNow() - start < TimeSpan.FromSeconds(150))
        {
            duties.Away = !duties.Away;
            await duties.AskedAsync(3, time);
        }

        Assert.InRange(log.Lines.Count(line => line.Contains("waits", StringComparison.Ordinal)), 1, 1 + (int)((time.GetUtcNow() - start) / TimeSpan.FromMinutes(1)));
        Assert.InRange(log.Lines.Count, 2, 2 * (1 + (int)((time.GetUtcNow() - start) / TimeSpan.FromMinutes(1))));
        await expirer.StopAsync(CancellationToken.None);
    }

    private sealed class FailingDuties : IDuties
    {
        private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
        private int asked;

        public bool Away { get; set; }

        public bool Broken { get; set; }

        /// <summary>Lets time pass until the duty was asked for so many times more.</summary>
        public async Task AskedAsync(int more, FakeTimeProvider time)
        {
            var until = Volatile.Read(ref asked) + more;
            using var deadline = new CancellationTokenSource(Within);
            while (Volatile.Read(ref asked) < until)
            {
                time.Advance(TimeSpan.FromMilliseconds(250));
                await Task.Delay(TimeSpan.FromMilliseconds(1), deadline.Token);
            }
        }

        public Task<bool> IsOursAsync(string duty, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            if (Broken) throw new InvalidOperationException("Something is null.");
            return Away ? throw new DispatchException(ErrorCode.RegistryUnavailable, "the database is away.") : Task.FromResult(true);
        }
    }
}
