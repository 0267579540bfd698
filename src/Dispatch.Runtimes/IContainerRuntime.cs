namespace Dispatch.Runtimes;

/// <summary>What runs containers (or plain processes) on one host. Every member may be called again after a crash of its caller.</summary>
/// <remarks>
/// Errors are <see cref="RuntimeException"/> with a code of the catalogue: <c>ImageNotFound</c>, <c>ImageInvalid</c>, <c>ImageNotCompatible</c> and
/// <c>PullFailed</c> from a pull, <c>StartFailed</c> from create and start, <c>RuntimeUnavailable</c> where the runtime does not answer.
/// A container that is not there is never an error of stop, kill and remove.
/// </remarks>
public interface IContainerRuntime
{
    /// <summary>The runtime's name: <c>docker</c>, <c>podman</c> or <c>process</c>.</summary>
    string Name { get; }

    /// <summary>Where it is reached, known before it has answered; null where it has no address.</summary>
    Uri? Endpoint => null;

    /// <summary>Asks the runtime whether it answers, at as little cost as it can be asked.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when it has answered, and fails when it does not.</returns>
    Task PingAsync(CancellationToken cancellationToken) => DescribeAsync(cancellationToken);

    /// <summary>Asks the runtime who it is; throws when it does not answer.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its identity, version and abilities.</returns>
    Task<RuntimeDescription> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>Looks for an image without fetching it, so that a pull that would find it need not be waited for.</summary>
    /// <param name="pull">The image and the policy.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What a pull would return now; null where it would have to fetch something, and where a runtime runs no images. Fails where the runtime does not answer.</returns>
    Task<PulledImage?> FindImageAsync(ImagePull pull, CancellationToken cancellationToken) => Task.FromResult<PulledImage?>(null);

    /// <summary>Makes sure that the image is there, as its pull policy says. Concurrent pulls of one image share one transfer; cancelling one leaves the others.</summary>
    /// <param name="pull">The image and the policy.</param>
    /// <param name="cancellationToken">Ends this caller's wait only.</param>
    /// <returns>What will run, by digest.</returns>
    Task<PulledImage> PullAsync(ImagePull pull, CancellationToken cancellationToken);

    /// <summary>Makes a container, not started. A second call with the same name returns the container that is there.</summary>
    /// <param name="plan">All that the container is to be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The container's id.</returns>
    Task<string> CreateAsync(ContainerPlan plan, CancellationToken cancellationToken);

    /// <summary>Starts a created container, once, and captures its output from then on into the sink (attached before the start, so that no byte is lost).</summary>
    /// <param name="containerId">The id that create returned.</param>
    /// <param name="sink">Takes the output; written by the runtime until <see cref="WaitAsync"/> has returned.</param>
    /// <param name="cancellationToken">Ends the call; the container may have been started.</param>
    /// <returns>When it was started. <see cref="RuntimeException.ContainerGone"/> is thrown when somebody else removed it before.</returns>
    Task<StartedContainer> StartAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken);

    /// <summary>Goes on with a started container after the caller's restart: captures output into the sink from the positions that the sink has.</summary>
    /// <param name="containerId">The container's id.</param>
    /// <param name="sink">Takes the output from its present positions on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>When it had been started.</returns>
    Task<StartedContainer> AdoptAsync(string containerId, IOutputSink sink, CancellationToken cancellationToken);

    /// <summary>Waits until the main process has ended and all its output is in the sink. Children that outlive it are ended, not waited for.</summary>
    /// <param name="containerId">A container that this instance started or adopted.</param>
    /// <param name="cancellationToken">Ends the wait, not the container.</param>
    /// <returns>How it ended. <see cref="RuntimeException.ContainerGone"/> is thrown when somebody else removed it and nobody knows its end.</returns>
    Task<ContainerExit> WaitAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Stops gracefully: SIGTERM, then SIGKILL after the grace. Returns when the container no longer runs; one that was made and not started is removed, so that a start under way finds nothing.</summary>
    /// <param name="containerId">The container's id.</param>
    /// <param name="grace">The time between the two signals; zero kills at once.</param>
    /// <param name="cancellationToken">Ends the call; the container may go on.</param>
    /// <returns>A task that ends with the container.</returns>
    Task StopAsync(string containerId, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Removes the container and all that the runtime keeps of it; kills it first where it still runs.</summary>
    /// <param name="containerId">The container's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when nothing is left.</returns>
    Task RemoveAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Looks at one container.</summary>
    /// <param name="containerId">The container's id or name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Its state, or null where there is none.</returns>
    Task<ContainerState?> InspectAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>All containers of one worker's data directory, in any state.</summary>
    /// <param name="dataDirectoryId">The id in the label <see cref="ContainerLabels.DataDirectory"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Their states.</returns>
    Task<IReadOnlyList<ContainerState>> ListAsync(string dataDirectoryId, CancellationToken cancellationToken);
}
