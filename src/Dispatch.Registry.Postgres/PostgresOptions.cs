using Dispatch.Registry.Postgres.Presence;

namespace Dispatch.Registry.Postgres;

/// <summary>How the registry works with its database.</summary>
public sealed record PostgresOptions
{
    /// <summary>How long one call may take before it is answered <c>RegistryUnavailable</c>. Default 2.5 s: less than a workflow's ask waits.</summary>
    public TimeSpan CallWithin { get; init; } = TimeSpan.FromSeconds(2.5);

    /// <summary>Most statements decided and written together. Default 100.</summary>
    public int BatchMax { get; init; } = 100;

    /// <summary>Most statements that wait for their batch; beyond, a call is answered <c>RegistryUnavailable</c> at once. Default 10,000.</summary>
    public int WaitingCallsMax { get; init; } = 10_000;

    /// <summary>How often a batch is tried when others changed its rows meanwhile. Default 8.</summary>
    public int TriesMax { get; init; } = 8;

    /// <summary>Most jobs that are remembered between two statements, so that they are not sent again. Default 4,096.</summary>
    public int RememberedJobsMax { get; init; } = 4096;

    /// <summary>How often changes are told to other processes, together. Default 10 ms.</summary>
    public TimeSpan TellEvery { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Most changes told one by one at a time; beyond, the others are told to look at everything. Default 5,000.</summary>
    public int ToldMax { get; init; } = 5000;

    /// <summary>How often everything is looked at in case a notice was lost. Default 5 s.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most connections of this process; each of the two lanes of statements keeps one. Default 16.</summary>
    public int ConnectionsMax { get; init; } = 16;

    /// <summary>The Temporal namespace that this process works with: another than the database records keeps it out. Default null: it is not compared.</summary>
    public TemporalNamespace? Temporal { get; init; }

    /// <summary>Whether no other process may have the database open; then nobody is told of changes. Default false.</summary>
    public bool Alone { get; init; }
}
