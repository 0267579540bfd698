using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers;

/// <summary>Adds the role <c>worker</c> to a host.</summary>
public static class WorkerServices
{
    /// <summary>Adds a worker. Its <see cref="WorkerService"/> and <see cref="WorkerStatus"/> can be asked for.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">Makes the options, once.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddDispatchWorker(this IServiceCollection services, Func<IServiceProvider, WorkerOptions> options)
    {
        services.AddSingleton(provider => new WorkerService(
            options(provider), provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<IHostApplicationLifetime>().StopApplication));
        services.AddSingleton(provider => provider.GetRequiredService<WorkerService>().Status);
        services.AddHostedService(provider => provider.GetRequiredService<WorkerService>());
        return services;
    }
}
