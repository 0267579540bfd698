namespace Dispatch.Workers.Guard;

/// <summary>Kills containers of a runtime whose permission has ended. Composed by the executable from the runtimes that the host has.</summary>
public interface IContainerKiller
{
    /// <summary>Kills one container with SIGKILL and makes sure that it does not run. One that was made and not started is removed, so that a start under way in the runtime finds nothing; one that has ended is kept.</summary>
    /// <param name="runtime">The runtime's name, such as <c>docker</c>.</param>
    /// <param name="containerId">The container's id, or its name where no id was known when the permission was written.</param>
    /// <param name="cancellationToken">Cancelled when the answer comes too late.</param>
    /// <returns>True when it is certain that it does not run and will not, also because there is none.</returns>
    Task<bool> KillAsync(string runtime, string containerId, CancellationToken cancellationToken);
}
