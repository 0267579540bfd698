using Dispatch.Registry.Loops;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Registry.Expiry;

/// <summary>Ends leases that are not renewed, and waits that are over. One at a time in a registry.</summary>
public sealed partial class Expirer : BackgroundService
{
    private readonly IRegistry registry;
    private readonly ExpirerOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<Expirer> logger;
    private readonly IDuties? duties;
    private readonly ExpiryWatch watch;
    private readonly SteadyTurns turns;
    private readonly LeftAlone left;
    private readonly long start;
    private TimeSpan purgedAt;

    /// <summary>Makes an expirer that has seen nothing yet.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="options">How it works.</param>
    /// <param name="time">The monotonic clock.</param>
    /// <param name="logger">The log.</param>
    /// <param name="duties">Who of several processes expires; null is this one.</param>
    public Expirer(IRegistry registry, ExpirerOptions options, TimeProvider time, ILogger<Expirer> logger, IDuties? duties = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        this.registry = registry;
        this.options = options;
        this.time = time;
        this.logger = logger;
        this.duties = duties;
        watch = new ExpiryWatch(options.StepMax);
        turns = new SteadyTurns("The expiry of leases", time, logger);
        left = new LeftAlone(time, logger);
        start = time.GetTimestamp();
    }

    private TimeSpan Elapsed => time.GetElapsedTime(start);

    /// <summary>One look, with what follows from it.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A task that ends when all is said to the registry.</returns>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var before = Elapsed;
        var facts = await registry.WatchAsync(cancellationToken).ConfigureAwait(false);
        var findings = watch.Look(facts, before, Elapsed);
        foreach (var silence in findings.Silent)
        {
            if (await left.TryAsync($"Silent worker {silence.Worker} may get new work", () => registry.FallSilentAsync(silence, cancellationToken)).ConfigureAwait(false))
                LogSilent(silence.Worker.Value, silence.Incarnation);
        }

        foreach (var silence in findings.Lost)
        {
            var expired = await left.TryAsync($"Leases of lost worker {silence.Worker} cannot end", () => registry.ExpireAsync(silence, cancellationToken)).ConfigureAwait(false);
            if (expired > 0) LogExpired(silence.Worker.Value, silence.Incarnation, expired);
        }

        foreach (var wait in findings.Lifted)
        {
            if (await left.TryAsync($"Job {wait.Job} goes on waiting for lease {wait.Lease}", () => registry.LiftAsync(wait, cancellationToken)).ConfigureAwait(false))
                LogLifted(wait.Job.Value, wait.Lease.Value);
        }

        if (Elapsed - purgedAt < options.PurgeEvery) return;
        purgedAt = Elapsed;
        await left.TryAsync("Settled rows beyond the limits stay", () => registry.PurgeAsync(cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) await turns.TakeAsync(LookIfOursAsync, stoppingToken).ConfigureAwait(false);
    }

    private async Task LookIfOursAsync(CancellationToken cancellationToken)
    {
        if (duties is null || await duties.IsOursAsync("expirer", cancellationToken).ConfigureAwait(false)) await LookAsync(cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Worker {Worker} incarnation {Incarnation} has been silent for half a lease; it gets no new work until it renews.")]
    private partial void LogSilent(string worker, long incarnation);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "Worker {Worker} incarnation {Incarnation} is lost; {Expired} of its leases expired.")]
    private partial void LogExpired(string worker, long incarnation, int expired);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Job {Job} no longer waits for lease {Lease} of its earlier conversation.")]
    private partial void LogLifted(string job, string lease);
}
