using Dispatch.Contracts;

namespace Dispatch.Workers.Keeper;

/// <summary>The times in force for one attempt, kept on disk with it: they hold also before a restarted worker has reached the registry.</summary>
/// <param name="Lease">How long a lease lives without a renewal.</param>
/// <param name="HeartbeatTimeout">Temporal's heartbeat time-out of the attempt's activity.</param>
/// <param name="HeartbeatEvery">How often it is heartbeaten.</param>
/// <param name="KillBudget">How long before the later witness ends the container is killed.</param>
internal sealed record WitnessTimes(TimeSpan Lease, TimeSpan HeartbeatTimeout, TimeSpan HeartbeatEvery, TimeSpan KillBudget)
{
    /// <summary>Sends that fit a heartbeat time-out: the hand-over asks for three.</summary>
    internal const int SendsPerTimeout = 3;

    /// <summary>How long one heartbeat may take: a third of the time-out.</summary>
    internal TimeSpan HeartbeatCall => HeartbeatTimeout / SendsPerTimeout;

    /// <summary>The times of a profile, with the time-out that the activity really has.</summary>
    internal static WitnessTimes Of(TimeProfile profile, TimeSpan? heartbeatTimeout)
    {
        var timeout = heartbeatTimeout is { } given && given > TimeSpan.Zero ? given : profile.HeartbeatTimeout;
        var every = profile.HeartbeatEvery;
        if (every > timeout / SendsPerTimeout)
        {
            every = timeout / SendsPerTimeout;
        }

        return new(profile.Lease, timeout, every, profile.KillBudget);
    }
}
