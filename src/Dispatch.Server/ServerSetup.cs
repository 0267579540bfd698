using Dispatch.Contracts;
using Dispatch.Contracts.Http;
using Dispatch.Server.Jobs;
using Dispatch.Server.Logs;
using Dispatch.Server.Problems;
using Dispatch.Server.Workers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Server;

/// <summary>Puts the HTTP API into a web application.</summary>
/// <remarks>
/// What it needs from the executable: <c>ITemporalClient</c>, <c>ILogStore</c>, and what <c>Dispatch.Placement</c> registers.
/// </remarks>
public static class ServerSetup
{
    /// <summary>The largest request body, bytes: a frame of logs, or a spec in its envelope.</summary>
    public const long BodyBytesMax = 4 << 20;

    /// <summary>Adds the services.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="options">How it serves; null is all defaults.</param>
    /// <returns>The same.</returns>
    public static IServiceCollection AddDispatchServer(this IServiceCollection services, ServerOptions? options = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options ?? new ServerOptions());
        services.AddSingleton<JobReader>().AddSingleton<JobSubmitter>().AddSingleton<JobCommands>().AddSingleton<LogFollower>().AddSingleton<ServerReadiness>();
        services.AddOpenApi("v1");
        services.Configure<JsonOptions>(options =>
        {
            foreach (var converter in DispatchJson.Options.Converters)
                options.SerializerOptions.Converters.Add(converter);
            options.SerializerOptions.DefaultIgnoreCondition = DispatchJson.Options.DefaultIgnoreCondition;
        });
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>Requests that wait or follow end when the server does, instead of holding it up.</summary>
    private static Func<HttpContext, RequestDelegate, Task> EndWithServer(IHostApplicationLifetime lifetime) => async (context, next) =>
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.RequestAborted = ending.Token;
        await next(context).ConfigureAwait(false);
    };

    /// <summary>Maps the paths.</summary>
    /// <param name="app">The application.</param>
    /// <param name="workerToken">The token that workers must bear, or null for none.</param>
    /// <returns>The same.</returns>
    public static WebApplication MapDispatchServer(this WebApplication app, string? workerToken)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Dispatch.Server");
        app.UseExceptionHandler(handler => handler.Run(context => ProblemResults.HandleAsync(context, logger)));
        app.UseStatusCodePages(status => status.HttpContext.Response.HasStarted ? Task.CompletedTask : ProblemResults.HandleStatusAsync(status.HttpContext));
        app.Use(LargeBodies.RefuseAsync);
        app.Use(PathIds.DecodeAsync);
        app.Use(EndWithServer(app.Lifetime));
        var api = app.MapGroup("").AddEndpointFilterFactory(QueryNames.Check);
        JobEndpoints.Map(api);
        LogEndpoints.Map(api);
        WorkerEndpoints.Map(api);
        WorkerApi.Map(app, workerToken);
        app.MapGet(ApiPaths.Live, () => Results.Text("live")).WithTags("health").WithSummary("Whether the process runs");
        app.MapGet(ApiPaths.Ready, async (ServerReadiness readiness, CancellationToken token) =>
        {
            var view = await readiness.LookAsync(token).ConfigureAwait(false);
            return Results.Json(view, DispatchJson.Options, statusCode: view.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).WithTags("health").WithSummary("Whether jobs can be taken, and what is missing").Produces<ReadinessView>().Produces<ReadinessView>(503);
        app.MapOpenApi("/openapi/{documentName}.json");
        return app;
    }
}
