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
        await log.UntilAsync("answers the expirer again");
        Assert.Equal(2, log.Lines.Count);
        Assert.Contains("No lease can end now: the database is away", log.Lines[0], StringComparison.Ordinal);
        await expirer.StopAsync(CancellationToken.None);
    }

    private sealed class FailingDuties : IDuties
    {
        private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
        private int asked;

        public bool Away { get; set; }

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
            return Away ? throw new DispatchException(ErrorCode.RegistryUnavailable, "the database is away.") : Task.FromResult(true);
        }
    }
}
