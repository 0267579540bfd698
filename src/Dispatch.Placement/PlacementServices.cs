using Dispatch.Contracts.Placing;
using Dispatch.Placement.Nudging;
using Dispatch.Placement.Placing;
using Dispatch.Placement.Queueing;
using Dispatch.Placement.Routers;
using Dispatch.Placement.Sweeping;
using Dispatch.Registry;
using Dispatch.Registry.Pools;
using Dispatch.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Placement;

/// <summary>Registration of placement.</summary>
public static class PlacementServices
{
    /// <summary>
    /// Adds <see cref="IPlacer"/> and <see cref="IPlacementExplainer"/> with their background loops (queue, nudges, sweeper). Needs an <see cref="IRegistry"/>, an <see cref="INudge"/>
    /// and an <see cref="IRunStatus"/>; takes up every <see cref="IRouter"/>, <see cref="IFilter"/> and <see cref="IScorer"/> that is registered.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">How placement works.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddDispatchPlacement(this IServiceCollection services, PlacementOptions? options = null)
    {
        services.AddPlacer(options).AddSingleton<IPlacer>(provider => provider.GetRequiredService<Placer>());
        services.AddSingleton<IHostedService>(provider => new QueueLoop(
            provider.GetRequiredService<IRegistry>(), provider.GetRequiredService<PoolQueues>(), provider.GetRequiredService<QueueTurn>(),
            provider.GetRequiredService<PlacementOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<QueueLoop>>(), provider.GetService<IDuties>()));
        services.AddSingleton<IHostedService>(provider => new Nudger(
            provider.GetRequiredService<IRegistry>(), provider.GetRequiredService<INudge>(), provider.GetRequiredService<PlacementOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Nudger>>()));
        services.AddSingleton<IHostedService>(provider => new Sweeper(
            provider.GetRequiredService<IRegistry>(), provider.GetRequiredService<IRunStatus>(), provider.GetRequiredService<PlacementOptions>(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Sweeper>>(), provider.GetService<IDuties>()));
        return services;
    }

    /// <summary>
    /// Adds <see cref="IPlacementExplainer"/> alone, for a process that answers people while others place. It needs what <see cref="AddDispatchPlacement"/> needs, but for the nudges.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">How placement works.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddDispatchPlacementExplainer(this IServiceCollection services, PlacementOptions? options = null) => services.AddPlacer(options);

    private static IServiceCollection AddPlacer(this IServiceCollection services, PlacementOptions? options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options ?? new PlacementOptions());
        services.AddSingleton(provider => new RouterSet(
            provider.GetRequiredService<PoolSet>(), provider.GetServices<IRouter>(), provider.GetServices<IFilter>(), provider.GetServices<IScorer>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new PoolQueues(
            provider.GetRequiredService<PoolSet>(), provider.GetRequiredService<RouterSet>(), provider.GetRequiredService<PlacementOptions>()));
        services.AddSingleton(provider => new QueueTurn(
            provider.GetRequiredService<IRegistry>(), provider.GetRequiredService<PlacementOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<QueueTurn>>()));
        services.AddSingleton(provider => new Placer(
            provider.GetRequiredService<IRegistry>(), provider.GetRequiredService<PoolQueues>(), provider.GetRequiredService<QueueTurn>(), provider.GetRequiredService<IRunStatus>(),
            provider.GetRequiredService<PlacementOptions>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Placer>>()));
        services.AddSingleton<IPlacementExplainer>(provider => provider.GetRequiredService<Placer>());
        return services;
    }
}
