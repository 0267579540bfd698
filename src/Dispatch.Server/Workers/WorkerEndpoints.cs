using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Http;
using Dispatch.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dispatch.Server.Workers;

/// <summary>The workers of the HTTP API.</summary>
internal static class WorkerEndpoints
{
    /// <summary>Maps them.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(ApiPaths.Workers).WithTags("workers");
        group.MapGet("", (IWorkerViews workers) => Results.Json(new WorkerPage(workers.All(), null), DispatchJson.Options)).WithSummary("All workers").Produces<WorkerPage>();
        group.MapGet("/{id}", (string id, IWorkerViews workers) => workers.All().FirstOrDefault(worker => worker.Id.Value == id) is { } worker
            ? Results.Json(worker, DispatchJson.Options)
            : ProblemResults.Of(Problem.Of(ErrorCode.JobNotFound, $"There is no worker '{id}'.") with { Title = "No worker has this id.", Remedy = "Check the id; `workers list` shows those that are known." }))
            .WithSummary("One worker").Produces<WorkerView>().ProducesProblem(404);
    }
}

/// <summary>Shows the registry's workers.</summary>
public interface IWorkerViews
{
    /// <summary>All workers, by id.</summary>
    /// <returns>Their views.</returns>
    IReadOnlyList<WorkerView> All();
}
