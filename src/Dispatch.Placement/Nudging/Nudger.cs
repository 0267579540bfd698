using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Dispatch.Contracts.Ids;
using Dispatch.Registry;
using Dispatch.Registry.Loops;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement.Nudging;

/// <summary>Nudges workflows whose row has changed. It never holds anybody up: what it cannot send is counted, and the workflow asks by itself.</summary>
internal sealed partial class Nudger : BackgroundService
{
    private static readonly Meter Meter = new("Dispatch.Placement");
    private static readonly Counter<long> Nudges = Meter.CreateCounter<long>("dispatch.placement.nudges");

    private readonly IRegistry registry;
    private readonly INudge nudge;
    private readonly PlacementOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<Nudger> logger;
    private readonly Channel<(JobId Job, string RunId)> due;
    private readonly IDisposable subscription;
    private readonly Told told;
    private long sent;
    private long failed;
    private long dropped;

    public Nudger(IRegistry registry, INudge nudge, PlacementOptions options, TimeProvider time, ILogger<Nudger> logger)
    {
        this.registry = registry;
        this.nudge = nudge;
        this.options = options;
        this.time = time;
        this.logger = logger;
        told = new Told(time);
        due = Channel.CreateBounded<(JobId, string)>(new BoundedChannelOptions(options.NudgesMax) { FullMode = BoundedChannelFullMode.Wait });
        subscription = registry.Subscribe(change =>
        {
            if (change is not { Kind: RegistryChangeKind.NudgeDue, Job: { } job, RunId: { } run }) return;
            if (due.Writer.TryWrite((job, run))) return;
            Interlocked.Increment(ref dropped);
            Count("dropped");
        });
    }

    /// <summary>Nudges delivered.</summary>
    public long Sent => Interlocked.Read(ref sent);

    /// <summary>Nudges given up.</summary>
    public long Failed => Interlocked.Read(ref failed);

    /// <summary>Nudges that found no room.</summary>
    public long Dropped => Interlocked.Read(ref dropped);

    public override void Dispose()
    {
        subscription.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.NudgesAtOnce).Select(_ => SendAllAsync(stoppingToken)));

    private static void Count(string outcome) => Nudges.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private async Task SendAllAsync(CancellationToken stoppingToken)
    {
        await foreach (var (job, run) in due.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            await SendAsync(job, run, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(JobId job, string run, CancellationToken stoppingToken)
    {
        var pause = options.NudgePause;
        var claimed = false;
        for (var tries = 1; ; tries++)
        {
            try
            {
                // The workflow may have asked meanwhile, or another process sends it.
                claimed = claimed || await registry.ClaimNudgeAsync(job, run, stoppingToken).ConfigureAwait(false);
                if (!claimed) return;
                using var within = new CancellationTokenSource(options.NudgeWithin, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(within.Token, stoppingToken);
                await nudge.NudgeAsync(job, run, either.Token).ConfigureAwait(false);
                Interlocked.Increment(ref sent);
                Count("sent");
                return;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // Whatever the signal met, it is counted and logged, and the workflow asks by itself.
            catch (Exception error)
#pragma warning restore CA1031
            {
                if (tries >= options.NudgeTries)
                {
                    Interlocked.Increment(ref failed);
                    Count("failed");
                    if (told.Of($"{error.GetType().Name}: {error.Message}") is { } text) LogFailed(job.Value, tries, text);
                    return;
                }
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
            pause *= 2;
        }
    }

    [LoggerMessage(EventId = 4011, Level = LogLevel.Warning, Message = "Job {Job} could not be nudged in {Tries} tries; it asks again by itself, and so do others that meet the same. {Error}")]
    private partial void LogFailed(string job, int tries, string error);
}
