namespace Dispatch.Placement;

/// <summary>How placement works; the pools have their own options.</summary>
public sealed record PlacementOptions
{
    /// <summary>How often a job is routed again at once after it lost a race for a worker's room. Default 8.</summary>
    public int RacesMax { get; init; } = 8;

    /// <summary>How long a job that asks waits for the queue's own turn before it is answered <c>waiting</c>. Default 1 s.</summary>
    public TimeSpan TurnWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a job that asks waits for its router; the router's own limit is 5 s. Default 2 s.</summary>
    public TimeSpan RouterWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a job whose router failed is not routed again. Default 30 s.</summary>
    public TimeSpan TroublePause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most jobs whose router failed that are remembered. Default 1,000; beyond, they are routed again at once.</summary>
    public int TroubledMax { get; init; } = 1000;

    /// <summary>How many waiting jobs of each shape one look at the queue takes. Default 16.</summary>
    public int HeadsPerShape { get; init; } = 16;

    /// <summary>Most jobs placed in one turn of a pool's queue; then newcomers get theirs. Default 200.</summary>
    public int TurnMax { get; init; } = 200;

    /// <summary>Most workers of a pool kept free for jobs that have waited long. Default 16.</summary>
    public int ReservationsMax { get; init; } = 16;

    /// <summary>How often the queue is looked at when no hint comes. Default 5 s.</summary>
    public TimeSpan QueuePoll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most nudges that wait to be sent; the workflows of those beyond ask by themselves. Default 10,000.</summary>
    public int NudgesMax { get; init; } = 10_000;

    /// <summary>Nudges sent at once. Default 8.</summary>
    public int NudgesAtOnce { get; init; } = 8;

    /// <summary>How often one nudge is tried. Default 3.</summary>
    public int NudgeTries { get; init; } = 3;

    /// <summary>The pause before a nudge is tried again; doubles. Default 200 ms.</summary>
    public TimeSpan NudgePause { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one nudge may take. Default 5 s.</summary>
    public TimeSpan NudgeWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often rows are compared with Temporal. Default 15 s.</summary>
    public TimeSpan SweepEvery { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How old a row's last change must be to be compared. Default 1 min.</summary>
    public TimeSpan SweepAge { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most rows that are over or take room (offered, returned, expired) compared in one sweep; the next goes on from there. Default 5,000.</summary>
    public int SweepMax { get; init; } = 5000;

    /// <summary>Most waiting rows compared in one sweep: they are many, and usually right. Default 200.</summary>
    public int SweepWaitingMax { get; init; } = 200;

    /// <summary>Rows compared at once. Default 8.</summary>
    public int SweepAtOnce { get; init; } = 8;
}
