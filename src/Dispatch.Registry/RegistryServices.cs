using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Memory;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Reading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dispatch.Registry;

/// <summary>Registration of the registry.</summary>
public static class RegistryServices
{
    /// <summary>Adds the registry in memory with its expirer: <see cref="IRegistry"/>, <see cref="IWorkerRegistry"/>, <see cref="IRegistryReader"/>, <see cref="PoolSet"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="pools">The pools; none is one <c>default</c> pool with all defaults.</param>
    /// <param name="options">The limits.</param>
    /// <param name="expirer">How the expirer works.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddInMemoryRegistry(
        this IServiceCollection services, IEnumerable<PoolOptions>? pools = null, RegistryOptions? options = null, ExpirerOptions? expirer = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new PoolSet(pools ?? []));
        services.AddSingleton(options ?? new RegistryOptions());
        services.AddSingleton(expirer ?? new ExpirerOptions());
        services.AddSingleton<IRegistry>(provider => new InMemoryRegistry(
            provider.GetRequiredService<PoolSet>(), provider.GetRequiredService<RegistryOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IWorkerRegistry>(provider => provider.GetRequiredService<IRegistry>());
        services.AddSingleton<IRegistryReader>(provider => provider.GetRequiredService<IRegistry>());
        services.AddHostedService<Expirer>();
        return services;
    }
}
