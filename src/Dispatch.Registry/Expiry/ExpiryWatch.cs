using System.Collections.Immutable;
using Dispatch.Contracts.Ids;

namespace Dispatch.Registry.Expiry;

/// <summary>How long each counter has been seen unchanged, on the watcher's own monotonic clock. Pure: no clock is read and no wall clock compared.</summary>
/// <remarks>Only time between two looks counts, and never more than <see cref="StepMax"/> a look: a watcher that was frozen, restarted or replaced only delays.</remarks>
public sealed class ExpiryWatch
{
    private readonly Dictionary<(WorkerId Worker, long Incarnation), Seen> pulses = [];
    private readonly Dictionary<(JobId Job, ConversationId Conversation), WaitSeen> waits = [];
    private readonly TimeSpan stepMax;
    private TimeSpan? lastRead;

    /// <summary>Makes a watch that has seen nothing.</summary>
    /// <param name="stepMax">The most time that counts between two looks.</param>
    public ExpiryWatch(TimeSpan stepMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(stepMax, TimeSpan.Zero);
        this.stepMax = stepMax;
    }

    /// <summary>The most time that counts between two looks.</summary>
    public TimeSpan StepMax => stepMax;

    /// <summary>One look.</summary>
    /// <param name="facts">What the registry has.</param>
    /// <param name="before">The watcher's monotonic time before the facts were read.</param>
    /// <param name="after">The same, after they were read: a slow answer is not silence.</param>
    /// <returns>Whose counter has been unchanged for half or all of a lease, and which waits are over.</returns>
    public ExpiryFindings Look(ExpiryFacts facts, TimeSpan before, TimeSpan after)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var step = lastRead is { } last ? TimeSpan.FromTicks(Math.Clamp((before - last).Ticks, 0, stepMax.Ticks)) : TimeSpan.Zero;
        lastRead = after;
        var silent = ImmutableArray.CreateBuilder<WorkerSilence>();
        var lost = ImmutableArray.CreateBuilder<WorkerSilence>();
        foreach (var pulse in facts.Pulses)
        {
            var seen = Follow(pulse, step);
            if (seen >= pulse.Profile.Lease) lost.Add(new(pulse.Worker, pulse.Incarnation, pulse.Counter));
            else if (seen >= pulse.Profile.Lease / 2) silent.Add(new(pulse.Worker, pulse.Incarnation, pulse.Counter));
        }

        var lifted = ImmutableArray.CreateBuilder<BlockedWait>();
        foreach (var wait in facts.Waits)
        {
            if (Follow(wait, step) is { } waited && waited >= wait.HeartbeatTimeout) lifted.Add(wait);
        }

        Forget(facts);
        return new(silent.ToImmutable(), lost.ToImmutable(), lifted.ToImmutable());
    }

    private TimeSpan Follow(WorkerPulse pulse, TimeSpan step)
    {
        var key = (pulse.Worker, pulse.Incarnation);
        var unchanged = pulses.TryGetValue(key, out var seen) && seen.Counter == pulse.Counter ? seen.For + step : TimeSpan.Zero;
        pulses[key] = new(pulse.Counter, unchanged);
        return unchanged;
    }

    /// <summary>The wait counts from the first look that sees both: the conversation's ask, and the lease expired.</summary>
    private TimeSpan? Follow(BlockedWait wait, TimeSpan step)
    {
        var key = (wait.Job, wait.Conversation);
        if (!wait.Expired)
        {
            waits.Remove(key);
            return null;
        }

        var same = waits.TryGetValue(key, out var seen) && seen.Lease == wait.Lease && seen.Expiries == wait.Expiries;
        var waited = same ? seen.For + step : TimeSpan.Zero;
        waits[key] = new(wait.Lease, wait.Expiries, waited);
        return waited;
    }

    private void Forget(ExpiryFacts facts)
    {
        if (pulses.Count > facts.Pulses.Length)
        {
            var present = facts.Pulses.Select(pulse => (pulse.Worker, pulse.Incarnation)).ToHashSet();
            foreach (var key in pulses.Keys.Where(key => !present.Contains(key)).ToArray()) pulses.Remove(key);
        }

        if (waits.Count > facts.Waits.Length)
        {
            var present = facts.Waits.Select(wait => (wait.Job, wait.Conversation)).ToHashSet();
            foreach (var key in waits.Keys.Where(key => !present.Contains(key)).ToArray()) waits.Remove(key);
        }
    }

    private readonly record struct Seen(long Counter, TimeSpan For);

    private readonly record struct WaitSeen(LeaseId Lease, int Expiries, TimeSpan For);
}
