using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Workers;
using Dispatch.Workers.Keeper;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers.Registry;

/// <summary>
/// Renews the worker's leases, on a thread of its own: neither a full thread pool nor the jobs' use of the machine may make it late.
/// A change of an attempt's finer state brings the next renewal forward.
/// </summary>
internal sealed partial class RenewalLoop : IDisposable
{
    /// <summary>Renewals that were brought forward are at least this far apart.</summary>
    internal static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(500);

    private readonly RegistryCalls calls;
    private readonly JobKeeper keeper;
    private readonly TimeProfile profile;
    private readonly Func<(WorkerState State, IReadOnlyList<string> Unmet)> state;
    private readonly Action<RenewalAnswer> answered;
    private readonly ILogger logger;
    private readonly ManualResetEventSlim ending = new(false);
    private readonly AutoResetEvent hasten = new(false);
    private readonly Thread thread;
    private readonly TimeProvider clock;
    private long? silentSince;

    internal RenewalLoop(
        RegistryCalls calls, JobKeeper keeper, TimeProfile profile, Func<(WorkerState State, IReadOnlyList<string> Unmet)> state, Action<RenewalAnswer> answered, TimeProvider clock, ILogger logger)
    {
        this.calls = calls;
        this.keeper = keeper;
        this.profile = profile;
        this.state = state;
        this.answered = answered;
        this.clock = clock;
        this.logger = logger;
        keeper.Changed += Hasten;
        thread = new Thread(Run) { IsBackground = true, Name = "dispatch renewals", Priority = ThreadPriority.Highest };
        thread.Start();
    }

    /// <summary>Renews soon.</summary>
    internal void Hasten() => hasten.Set();

    /// <inheritdoc/>
    public void Dispose()
    {
        keeper.Changed -= Hasten;
        ending.Set();
        hasten.Set();
        thread.Join();
        ending.Dispose();
        hasten.Dispose();
    }

    private void Run()
    {
        while (!ending.IsSet)
        {
            Renew();
            if (!ending.Wait(LeastPause < profile.RenewEvery ? LeastPause : profile.RenewEvery) && profile.RenewEvery > LeastPause)
            {
                hasten.WaitOne(profile.RenewEvery - LeastPause);
            }
        }
    }

    private void Renew()
    {
        try
        {
            var (own, unmet) = state();

            // This thread is the loop's own: waiting on it blocks nobody.
            var (answer, sentAt) = calls.RenewAsync(keeper.Statements, own, unmet, CancellationToken.None).ConfigureAwait(false).GetAwaiter().GetResult();
            if (silentSince is { } since)
            {
                silentSince = null;
                RegistryBack(clock.GetElapsedTime(since).TotalSeconds);
            }

            keeper.Take(answer, sentAt);
            answered(answer);
        }
        catch (DispatchException away)
        {
            if (silentSince is null)
            {
                silentSince = clock.GetTimestamp();
                RegistryAway(away.Message);
            }
        }
        catch (Exception fault)
        {
            // One renewal is lost; were the thread lost, so would be every lease.
            RenewalFailed(fault);
        }
    }

    [LoggerMessage(4040, LogLevel.Warning, "Leases are not renewed: {Reason}")]
    private partial void RegistryAway(string reason);

    [LoggerMessage(4042, LogLevel.Error, "A renewal failed")]
    private partial void RenewalFailed(Exception fault);

    [LoggerMessage(4041, LogLevel.Warning, "The renewal of leases goes on after {Seconds:0.0} s.")]
    private partial void RegistryBack(double seconds);
}
