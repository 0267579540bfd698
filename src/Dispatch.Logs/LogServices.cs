using Dispatch.Contracts.Logs;
using Dispatch.Logs.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dispatch.Logs;

/// <summary>Registers the log store.</summary>
public static class LogServices
{
    /// <summary>Adds the store as <see cref="LogStore"/>, <see cref="ILogStore"/> and <see cref="ILogIntake"/>, and the sweeper that applies retention.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Where and how much.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddDispatchLogs(this IServiceCollection services, LogStoreOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<LogStore>();
        services.AddSingleton<ILogStore>(provider => provider.GetRequiredService<LogStore>());
        services.AddSingleton<ILogIntake>(provider => provider.GetRequiredService<LogStore>());
        services.AddHostedService<LogSweeper>();
        return services;
    }
}
