namespace Dispatch.Runtimes.Docker;

/// <summary>How the Docker or Podman engine is reached, and the bounds of talking to it.</summary>
public sealed record DockerRuntimeOptions
{
    /// <summary>
    /// Where the engine listens: <c>unix://</c>, or <c>http://</c> and <c>tcp://</c> without TLS. Null is <c>DOCKER_HOST</c>, else the first of
    /// <c>/var/run/docker.sock</c>, <c>/run/podman/podman.sock</c> and <c>$XDG_RUNTIME_DIR/podman/podman.sock</c> that somebody listens on.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Whether only Podman's own sockets are looked at where neither the options nor <c>DOCKER_HOST</c> name an address. Default false.</summary>
    public bool PodmanOnly { get; init; }

    /// <summary>How long one request may take (30 s); waits, streams, pulls and starts have their own bounds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the engine may take to say what it is and can do (5 min): Podman looks up the packages of its helpers then, which takes seconds on a busy host,
    /// and goes on with what nobody waits for any more, so it is asked again only after it has answered or this has passed.
    /// </summary>
    public TimeSpan DescribeTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long starting a container may take (2 min).</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long one transfer of an image may take (1 h), whoever waits for it.</summary>
    public TimeSpan PullTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many images are transferred at once (4).</summary>
    public int ConcurrentPullsMax { get; init; } = 4;

    /// <summary>How many progress messages one transfer may send (1,000,000) before it is broken off.</summary>
    public int PullMessagesMax { get; init; } = 1_000_000;

    /// <summary>Size in bytes of one of the two files the engine keeps of a container's output (2 GiB each).</summary>
    /// <remarks>Output is carried on from these files after a restart of the worker: up to this size nothing is missing, beyond it the oldest may be.</remarks>
    public long EngineLogFileBytesMax { get; init; } = 2L << 30;

    /// <summary>How long output may wait for a slow sink, all in all (1 s), before it is read from the engine's files instead, so that the container is never held up.</summary>
    public TimeSpan SlowSinkAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a wait for a container's end goes on while the engine does not answer (5 min).</summary>
    public TimeSpan UnavailableAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the end of a container that takes no signal, as it no longer runs, may stay untold (10 s) before nobody is expected to tell it.</summary>
    public TimeSpan EndToldWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a removal that is under way already is waited for (30 s).</summary>
    public TimeSpan RemovalTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The endpoint in force, from the options, the environment, and the sockets that somebody listens on.</summary>
    /// <returns>An absolute URI of a scheme that is understood.</returns>
    /// <exception cref="ArgumentException">The endpoint is not understood.</exception>
    public Uri ResolveEndpoint() => FindEndpoint().Address;

    internal EngineEndpoint FindEndpoint() => EngineEndpoint.Find(
        Endpoint, Environment.GetEnvironmentVariable("DOCKER_HOST"), EngineEndpoint.Sockets(Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"), PodmanOnly));
}
