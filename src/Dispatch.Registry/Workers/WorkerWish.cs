using Dispatch.Contracts.Ids;

namespace Dispatch.Registry.Workers;

/// <summary>What an operator wants of a worker.</summary>
public enum WorkerWish
{
    /// <summary>Nothing: it takes work.</summary>
    None,

    /// <summary>No new work; what it has ends or is handed over.</summary>
    Drain,

    /// <summary>No new work; what it has goes on.</summary>
    Quarantine,
}

/// <summary>An operator's wish for one worker.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Wish">The wish; <see cref="WorkerWish.None"/> takes an earlier one back.</param>
/// <param name="RequestedBy">Who wants it.</param>
/// <param name="Reason">Why.</param>
public sealed record WishStatement(WorkerId Worker, WorkerWish Wish, string RequestedBy, string Reason);
