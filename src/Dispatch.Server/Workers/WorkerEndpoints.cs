using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Reading;
using Dispatch.Routing;
using Dispatch.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dispatch.Server.Workers;

/// <summary>The workers of the HTTP API.</summary>
internal static class WorkerEndpoints
{
    /// <summary>Most workers on a page.</summary>
    public const int PageMax = 1000;

    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(ApiPaths.Workers).WithTags("workers");
        group.MapGet("", ListAsync).WithSummary("Workers, by id").Produces<WorkerPage>();
        group.MapGet("/{id}", GetAsync).WithSummary("One worker with its leases").Produces<WorkerView>().ProducesProblem(404);
    }

    private static async Task<IResult> ListAsync(string? pool, int? limit, string? cursor, IRegistryReader registry, CancellationToken token)
    {
        if (limit is < 1 or > PageMax)
            throw new CallRefused([new("limit", limit.ToString(), $"must be 1 to {PageMax}")]);
        var page = await registry.ListWorkersAsync(new WorkerQuery { Pool = pool, Limit = limit ?? PageMax, Cursor = cursor }, token).ConfigureAwait(false);
        return Results.Json(new WorkerPage([.. page.Broken.Select(View), .. page.Workers.Select(View)], page.Next), DispatchJson.Options);
    }

    private static async Task<IResult> GetAsync(string id, IRegistryReader registry, CancellationToken token)
    {
        try
        {
            return await registry.FindWorkerAsync(new(id), token).ConfigureAwait(false) is { } worker
                ? Results.Json(View(worker), DispatchJson.Options)
                : ProblemResults.Of(ProblemResults.WithoutCode(StatusCodes.Status404NotFound, $"There is no worker '{id}'.", "Check the id; `workers list` shows those that are known."));
        }
        catch (RowsContradictException broken)
        {
            return Results.Json(View(new BrokenWorker(new(id), broken.Message)), DispatchJson.Options);
        }
    }

    /// <summary>Nothing is offered to it, and nothing certain is known of it.</summary>
    private static WorkerView View(BrokenWorker broken) => new()
    {
        Id = broken.Worker,
        Incarnation = 0,
        Pool = "",
        State = WorkerState.NotReady,
        LastSeen = DateTimeOffset.UnixEpoch,
        Capacity = new(),
        Free = new(),
        RowsBroken = broken.Why,
    };

    private static WorkerCapacity Capacity(Amounts free) => new()
    {
        Slots = (int)free.Slots,
        Cpu = free.CpuMilli / 1000m,
        MemoryBytes = free.MemoryBytes,
        Gpu = (int)free.Gpu,
        DiskBytes = free.DiskBytes,
        Units = free.Units.ToDictionary(unit => unit.Name, unit => unit.Milli / 1000m),
    };

    private static WorkerView View(WorkerRecord worker) => new()
    {
        Id = worker.Row.Worker,
        Incarnation = worker.Row.Incarnation,
        Pool = worker.Row.Pool,
        State = worker.Row.State,
        Unmet = worker.Row.Unmet,
        LastSeen = worker.Row.RenewedAt,
        Version = worker.Row.Version,
        MachineId = worker.Row.Host.MachineId,
        Labels = worker.Row.Labels,
        Runtimes = worker.Row.Runtimes,
        Capacity = worker.Row.Capacity,
        Free = Capacity(worker.Free),
        Leases = [.. worker.Leases.Where(row => row.Grant is not null).Select(row => new WorkerLeaseView(row.Job, row.Attempt, row.Grant!.Lease, row.State.ToString(), row.Activity))],
    };
}
