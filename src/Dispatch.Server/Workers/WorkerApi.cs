using System.Security.Cryptography;
using System.Text;
using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Contracts.Logs;
using Dispatch.Contracts.Workers;
using Dispatch.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dispatch.Server.Workers;

/// <summary>What workers of other processes call: <c>/worker/v1</c>.</summary>
internal static class WorkerApi
{
    /// <summary>Maps it; with a token, calls must bear it.</summary>
    public static void Map(IEndpointRouteBuilder routes, string? token)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        if (token is not null)
            group.AddEndpointFilter((context, next) => Bears(context.HttpContext, token) ? next(context) : ValueTask.FromResult<object?>(Unauthorized(context.HttpContext)));
        group.MapPost(ApiPaths.WorkerRegister, async (WorkerRegistration registration, IWorkerRegistry registry, CancellationToken cancel) => Json(await registry.RegisterAsync(registration, cancel).ConfigureAwait(false)));
        group.MapPost(ApiPaths.WorkerRenew, async (WorkerRenewal renewal, IWorkerRegistry registry, CancellationToken cancel) => Json(await registry.RenewAsync(renewal, cancel).ConfigureAwait(false)));
        group.MapPost(ApiPaths.WorkerConfirm, async (LeaseConfirmation confirmation, IWorkerRegistry registry, CancellationToken cancel) => Json(await registry.ConfirmAsync(confirmation, cancel).ConfigureAwait(false)));
        group.MapPost(ApiPaths.WorkerReturn, async (LeaseReturn leaseReturn, IWorkerRegistry registry, CancellationToken cancel) =>
        {
            await registry.ReturnAsync(leaseReturn, cancel).ConfigureAwait(false);
            return Results.NoContent();
        });
        group.MapPost(ApiPaths.WorkerLogs, AppendAsync);
    }

    private static async Task<IResult> AppendAsync(LogShipment shipment, ILogStore logs, CancellationToken cancel)
    {
        var answer = shipment.Pieces.Count > 0
            ? await logs.AppendAsync(shipment.Key, shipment.Pieces, cancel).ConfigureAwait(false)
            : new LogAppended(await logs.GetPositionsAsync(shipment.Key, cancel).ConfigureAwait(false), false);
        if (!shipment.Complete || answer.Gap)
            return Json(answer);
        await logs.CompleteAsync(shipment.Key, cancel).ConfigureAwait(false);
        return Json(answer with { Positions = answer.Positions with { Complete = true } });
    }

    private static IResult Unauthorized(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return ProblemResults.Of(ProblemResults.WithoutCode(
            StatusCodes.Status401Unauthorized, "The call does not bear the worker token of this server.", "Send header authorization: Bearer TOKEN, with the token that the server was started with."));
    }

    private static bool Bears(HttpContext context, string token) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString())), SHA256.HashData(Encoding.UTF8.GetBytes($"Bearer {token}")));

    private static IResult Json<T>(T value) => Results.Json(value, DispatchJson.Options);
}
