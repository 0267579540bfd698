namespace Dispatch.Contracts;

/// <summary>The times of a pool: how fast a job moves when its worker is gone. See the hand-over's table.</summary>
public sealed record TimeProfile
{
    /// <summary>The profile's name.</summary>
    public required string Name { get; init; }

    /// <summary>A job of a worker that stays away is elsewhere within this.</summary>
    public required TimeSpan MovedWithin { get; init; }

    /// <summary>Temporal's heartbeat time-out of <c>RunContainer</c>.</summary>
    public required TimeSpan HeartbeatTimeout { get; init; }

    /// <summary>How often the keeper heartbeats.</summary>
    public required TimeSpan HeartbeatEvery { get; init; }

    /// <summary>How long a worker may take to receive.</summary>
    public required TimeSpan Receipt { get; init; }

    /// <summary>How long a lease lives without a renewal.</summary>
    public required TimeSpan Lease { get; init; }

    /// <summary>How often the worker renews.</summary>
    public required TimeSpan RenewEvery { get; init; }

    /// <summary>How long before the end of its permission a container is killed.</summary>
    public required TimeSpan KillBudget { get; init; }

    /// <summary>Moved within 10 s.</summary>
    public static TimeProfile Fast { get; } = Of("fast", 10, 6, 1.5, 3, 7, 1.5, 1);

    /// <summary>Moved within 25 s; the default.</summary>
    public static TimeProfile Normal { get; } = Of("normal", 25, 20, 5, 10, 20, 4, 3);

    /// <summary>Moved within 5 min.</summary>
    public static TimeProfile Patient { get; } = Of("patient", 300, 240, 60, 120, 240, 20, 10);

    /// <summary>The profile of a name.</summary>
    /// <param name="name"><c>fast</c>, <c>normal</c> or <c>patient</c>.</param>
    /// <returns>The profile, or null for another name.</returns>
    public static TimeProfile? Named(string name) => name switch { "fast" => Fast, "normal" => Normal, "patient" => Patient, _ => null };

    private static TimeProfile Of(string name, double moved, double heartbeat, double every, double receipt, double lease, double renew, double kill) => new()
    {
        Name = name,
        MovedWithin = TimeSpan.FromSeconds(moved),
        HeartbeatTimeout = TimeSpan.FromSeconds(heartbeat),
        HeartbeatEvery = TimeSpan.FromSeconds(every),
        Receipt = TimeSpan.FromSeconds(receipt),
        Lease = TimeSpan.FromSeconds(lease),
        RenewEvery = TimeSpan.FromSeconds(renew),
        KillBudget = TimeSpan.FromSeconds(kill),
    };
}
