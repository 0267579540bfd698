using Dispatch.Runtimes.Docker;
using Dispatch.Workers.Guard;
using Microsoft.Extensions.Logging;

namespace Dispatch.Cli.Roles;

/// <summary>The guard of one data directory, with the runtimes whose containers it may have to kill.</summary>
internal static class GuardRole
{
    /// <summary>Runs it until its worker stays away and nothing runs.</summary>
    public static async Task<int> RunAsync(string data, string? dockerSocket, LogLevel level)
    {
        using var signals = new RoleSignals();
        using var logs = LoggerFactory.Create(logging => RoleLogging.Configure(logging, level));
        var docker = new DockerRuntime(new DockerRuntimeOptions { Endpoint = dockerSocket is null ? null : new Uri(dockerSocket) });
        await using (docker.ConfigureAwait(false))
        {
            var options = new GuardOptions { DataDirectory = data, ContainerKiller = new RuntimeKiller(docker), Logger = logs.CreateLogger("Dispatch.Guard") };
            return await GuardProgram.RunAsync(options, signals.Ending).ConfigureAwait(false);
        }
    }

    /// <summary>Kills through the runtime that runs the container.</summary>
    private sealed class RuntimeKiller(DockerRuntime docker) : IContainerKiller
    {
        public async Task<bool> KillAsync(string runtime, string containerId, CancellationToken cancellationToken)
        {
            if (runtime == "process")
                return false;
            await docker.KillAsync(containerId, cancellationToken).ConfigureAwait(false);
            return await docker.InspectAsync(containerId, cancellationToken).ConfigureAwait(false) is not { Phase: Runtimes.ContainerPhase.Created or Runtimes.ContainerPhase.Running };
        }
    }
}
