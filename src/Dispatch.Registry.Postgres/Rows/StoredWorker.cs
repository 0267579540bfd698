using System.Collections.Frozen;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Workers;
using Dispatch.Routing;

namespace Dispatch.Registry.Postgres.Rows;

/// <summary>Table <c>worker</c>: what changes with every call of the worker.</summary>
internal sealed record StoredWorker
{
    public required WorkerId Worker { get; init; }

    public required long Version { get; init; }

    public required string Pool { get; init; }

    public required long Incarnation { get; init; }

    public required long Call { get; init; }

    public required long Counter { get; init; }

    public required WorkerState Reported { get; init; }

    public required IReadOnlyList<string> Unmet { get; init; }

    public required IReadOnlyList<LeaseStatement> Named { get; init; }

    public required bool Stated { get; init; }

    public required bool Silent { get; init; }

    public required bool Lost { get; init; }

    public required WorkerWish Wish { get; init; }

    public string? WishedBy { get; init; }

    public string? WishReason { get; init; }

    public required bool Undraining { get; init; }

    public required DateTimeOffset RegisteredAt { get; init; }

    public required DateTimeOffset RenewedAt { get; init; }

    public static StoredWorker Of(WorkerRow row, long version) => new()
    {
        Worker = row.Worker,
        Version = version,
        Pool = row.Pool,
        Incarnation = row.Incarnation,
        Call = row.Call,
        Counter = row.Counter,
        Reported = row.Reported,
        Unmet = row.Unmet,
        Named = row.Named,
        Stated = row.Stated,
        Silent = row.Silent,
        Lost = row.Lost,
        Wish = row.Wish,
        WishedBy = row.WishedBy,
        WishReason = row.WishReason,
        Undraining = row.Undraining,
        RegisteredAt = row.RegisteredAt,
        RenewedAt = row.RenewedAt,
    };

    public WorkerRow Row(StoredStart start) => new()
    {
        Worker = Worker,
        Incarnation = Incarnation,
        StartId = start.StartId,
        Host = start.Host,
        Version = start.Software,
        Pool = Pool,
        Capacity = start.Capacity,
        Total = Amounts.Of(start.Capacity),
        Labels = start.Labels.ToFrozenDictionary(StringComparer.Ordinal),
        Images = start.Images.ToFrozenSet(StringComparer.Ordinal),
        Runtimes = [.. start.Runtimes],
        Reported = Reported,
        Unmet = [.. Unmet],
        Call = Call,
        Counter = Counter,
        Named = [.. Named],
        Stated = Stated,
        Silent = Silent,
        Lost = Lost,
        Wish = Wish,
        WishedBy = WishedBy,
        WishReason = WishReason,
        Undraining = Undraining,
        RegisteredAt = RegisteredAt,
        RenewedAt = RenewedAt,
    };
}

/// <summary>Table <c>worker_start</c>: what a worker says once, when it starts.</summary>
internal sealed record StoredStart(
    WorkerId Worker, string StartId, string Software, WorkerHost Host, WorkerCapacity Capacity, IReadOnlyDictionary<string, string> Labels,
    IReadOnlyCollection<string> Images, IReadOnlyList<string> Runtimes)
{
    public static StoredStart Of(WorkerRow row) => new(row.Worker, row.StartId, row.Version, row.Host, row.Capacity, row.Labels, row.Images, row.Runtimes);
}
