using System.Text;

namespace Dispatch.Runtimes.Docker;

/// <summary>How the Docker Engine is reached, and the bounds of talking to it.</summary>
public sealed record DockerRuntimeOptions
{
    // What the client library can put into a socket address.
    private const int SocketPathBytesMax = 91;

    /// <summary>Where the engine listens: <c>unix://</c>, or <c>http://</c> and <c>tcp://</c> without TLS. Null is <c>DOCKER_HOST</c>, else <c>unix:///var/run/docker.sock</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>How long one request may take (30 s); waits, streams, pulls and starts have their own bounds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

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

    /// <summary>How long a removal that is under way already is waited for (30 s).</summary>
    public TimeSpan RemovalTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The endpoint in force, from the options and the environment.</summary>
    /// <returns>An absolute URI of a scheme that is understood.</returns>
    /// <exception cref="ArgumentException">The endpoint is not understood.</exception>
    public Uri ResolveEndpoint()
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST");
        var text = Endpoint?.OriginalString ?? (string.IsNullOrEmpty(host) ? "unix:///var/run/docker.sock" : host);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint))
            throw new ArgumentException($"The Docker endpoint '{text}' is not a URI; write for instance unix:///var/run/docker.sock in DOCKER_HOST.");

        if (endpoint.Scheme == "unix" && Encoding.UTF8.GetByteCount(endpoint.LocalPath) is var bytes && bytes > SocketPathBytesMax)
            throw new ArgumentException($"The path of the Docker endpoint '{text}' has {bytes} bytes; a socket's path may have {SocketPathBytesMax}. Use a shorter one.");
        if (endpoint.Scheme == "tcp" && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DOCKER_TLS_VERIFY")))
            throw new ArgumentException($"The Docker endpoint '{text}' is to be spoken to with TLS (DOCKER_TLS_VERIFY), which is not supported. Use the engine's socket on its own host.");

        return endpoint.Scheme switch
        {
            "unix" or "http" => endpoint,
            "tcp" => new UriBuilder(endpoint) { Scheme = "http" }.Uri,
            _ => throw new ArgumentException(
                $"The Docker endpoint '{text}' has the scheme '{endpoint.Scheme}'; understood are unix, http and tcp. Change DOCKER_HOST."),
        };
    }
}
