using Microsoft.Extensions.Hosting;

namespace Dispatch.Cli.Roles;

/// <summary>A role's signals are its own (<see cref="RoleSignals"/>): a host that heard them too would end by itself before the role knows why.</summary>
internal sealed class RoleLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
