namespace Dispatch.Registry.Leases;

/// <summary>The five states of an attempt's row, each left by one conditional statement.</summary>
public enum LeaseState
{
    /// <summary>In the queue, or held back from it; nothing is leased.</summary>
    Waiting,

    /// <summary>A worker was chosen; its capacity counts from here. Not renewed.</summary>
    Offered,

    /// <summary>The worker took it, before it pulled or started anything.</summary>
    Held,

    /// <summary>Given back: with what came of it, or with nothing started. Without a lease: it left the queue.</summary>
    Returned,

    /// <summary>Was held, and renewals are missing for the lease's length.</summary>
    Expired,
}
