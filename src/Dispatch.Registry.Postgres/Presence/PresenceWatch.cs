using Microsoft.Extensions.Hosting;

namespace Dispatch.Registry.Postgres.Presence;

/// <summary>Ends its host, by failing, when this process may never work with its database again.</summary>
internal sealed class PresenceWatch(PostgresRegistry registry) : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => registry.Ended.WaitAsync(stoppingToken);
}
