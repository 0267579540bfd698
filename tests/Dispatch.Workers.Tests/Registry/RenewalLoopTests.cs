using System.Collections.Concurrent;
using Dispatch.Workers.Tests.Fakes;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Tests.Registry;

public sealed class RenewalLoopTests
{
    [Fact]
    public async Task An_outage_is_told_when_it_begins_and_with_its_length_when_it_is_over()
    {
        await using var bench = await WorkerBench.StartAsync();
        var (log, clock) = (new Told(), new HandClock());
        bench.Registry.Away = true;
        using var renewals = bench.Renewals(clock, log);
        await Until.True(() => log.Lines.Count == 1, "the outage is told");
        clock.Now += 19_500;

        bench.Registry.Away = false;
        await Until.True(() => log.Lines.Count == 2, "its end is told");

        Assert.StartsWith("Warning: Leases are not renewed: ", log.Lines.First(), StringComparison.Ordinal);
        Assert.Equal("Warning: The renewal of leases goes on after 19.5 s.", log.Lines.Last());
    }

    /// <summary>Counts milliseconds, as the test says.</summary>
    private sealed class HandClock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Now;
    }

    private sealed class Told : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
