using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Presence;
using Dispatch.Registry.Reading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Dispatch.Registry.Postgres;

/// <summary>Registration of the registry in PostgreSQL.</summary>
public static class PostgresRegistryServices
{
    /// <summary>
    /// Adds the registry in PostgreSQL: <see cref="IRegistry"/>, <see cref="IWorkerRegistry"/>, <see cref="IRegistryReader"/>, <see cref="IDuties"/>, <see cref="PoolSet"/>, and an expirer that
    /// works in one process of all. Whether the database is up to date, the caller has asked before: <see cref="Migrations.DatabaseMigrations.CheckAsync"/>; whether it
    /// records these pools, the registry says before the host is started: <see cref="PostgresRegistry.Entered"/>. The host ends when the process may not work with the database any more.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="address">The database.</param>
    /// <param name="pools">The pools, the same in every process; none is one <c>default</c> pool with all defaults.</param>
    /// <param name="options">The limits.</param>
    /// <param name="expirer">How the expirer works.</param>
    /// <param name="postgres">How the registry works with its database.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddPostgresRegistry(
        this IServiceCollection services, DatabaseAddress address, IEnumerable<PoolOptions>? pools = null, RegistryOptions? options = null, ExpirerOptions? expirer = null, PostgresOptions? postgres = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new PoolSet(pools ?? []));
        services.AddSingleton(options ?? new RegistryOptions());
        services.AddSingleton(expirer ?? new ExpirerOptions());
        services.AddSingleton(provider => new PostgresRegistry(
            address, provider.GetRequiredService<PoolSet>(), provider.GetRequiredService<RegistryOptions>(), postgres, provider.GetRequiredService<TimeProvider>(),
            newLease: null, provider.GetService<ILogger<PostgresRegistry>>()));
        services.AddSingleton<IRegistry>(provider => provider.GetRequiredService<PostgresRegistry>());
        services.AddSingleton<IWorkerRegistry>(provider => provider.GetRequiredService<PostgresRegistry>());
        services.AddSingleton<IRegistryReader>(provider => provider.GetRequiredService<PostgresRegistry>());
        services.AddSingleton<IDuties>(provider => provider.GetRequiredService<PostgresRegistry>());
        services.AddHostedService(provider => new PresenceWatch(provider.GetRequiredService<PostgresRegistry>()));
        services.AddHostedService(provider => new Expirer(
            provider.GetRequiredService<IRegistry>(), provider.GetRequiredService<ExpirerOptions>(), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<Expirer>>(), provider.GetRequiredService<IDuties>()));
        return services;
    }
}
