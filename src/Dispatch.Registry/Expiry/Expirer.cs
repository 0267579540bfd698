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
    private readonly Outage outage;
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
        outage = new Outage(time);
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
            if (await registry.FallSilentAsync(silence, cancellationToken).ConfigureAwait(false)) LogSilent(silence.Worker.Value, silence.Incarnation);
        }

        foreach (var silence in findings.Lost)
        {
            var expired = await registry.ExpireAsync(silence, cancellationToken).ConfigureAwait(false);
            if (expired > 0) LogExpired(silence.Worker.Value, silence.Incarnation, expired);
        }

        foreach (var wait in findings.Lifted)
        {
            if (await registry.LiftAsync(wait, cancellationToken).ConfigureAwait(false)) LogLifted(wait.Job.Value, wait.Lease.Value);
        }

        if (Elapsed - purgedAt < options.PurgeEvery) return;
        purgedAt = Elapsed;
        await registry.PurgeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                if (duties is null || await duties.IsOursAsync("expirer", stoppingToken).ConfigureAwait(false)) await LookAsync(stoppingToken).ConfigureAwait(false);
                if (outage.Ends() is { } lasted) LogAvailable(lasted.TotalSeconds);
            }
            catch (Contracts.Errors.DispatchException error) when (error.IsTransient)
            {
                if (outage.Begins()) LogUnavailable(error.Message);
            }
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Worker {Worker} incarnation {Incarnation} has been silent for half a lease; it gets no new work until it renews.")]
    private partial void LogSilent(string worker, long incarnation);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "Worker {Worker} incarnation {Incarnation} is lost; {Expired} of its leases expired.")]
    private partial void LogExpired(string worker, long incarnation, int expired);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Information, Message = "Job {Job} no longer waits for lease {Lease} of its earlier conversation.")]
    private partial void LogLifted(string job, string lease);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Warning, Message = "No lease can end now: {Error} It is tried again and again; leases end later by the time it takes.")]
    private partial void LogUnavailable(string error);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "The registry answers the expirer again, after {Seconds:0.0} s.")]
    private partial void LogAvailable(double seconds);
}
