using System.Net.Sockets;
using System.Text;

namespace Dispatch.Runtimes.Docker;

/// <summary>Where an engine is, and how that was found.</summary>
/// <param name="Address">Its address: <c>unix</c> or <c>http</c>.</param>
/// <param name="LookedAt">Where it was looked for in vain, as a sentence after a blank; empty where the place was given or something listens there.</param>
internal sealed record EngineEndpoint(Uri Address, string LookedAt)
{
    // What the client library can put into a socket address.
    private const int SocketPathBytesMax = 91;

    private const string DockerSocket = "/var/run/docker.sock";

    /// <summary>The sockets looked at where no address is given, in this order; the first that somebody listens on is taken.</summary>
    /// <param name="runtimeFolder">The user's <c>XDG_RUNTIME_DIR</c>, or null.</param>
    /// <param name="podmanOnly">Whether Docker's is left out.</param>
    /// <returns>Absolute paths.</returns>
    public static IReadOnlyList<string> Sockets(string? runtimeFolder, bool podmanOnly) =>
    [
        .. podmanOnly ? (string[])[] : [DockerSocket],
        "/run/podman/podman.sock",
        .. string.IsNullOrEmpty(runtimeFolder) ? (string[])[] : [Path.Combine(runtimeFolder, "podman/podman.sock")],
    ];

    /// <summary>The endpoint in force.</summary>
    /// <param name="given">The address of the options, or null.</param>
    /// <param name="host"><c>DOCKER_HOST</c>, or null.</param>
    /// <param name="sockets">The sockets to look at where neither is given.</param>
    /// <returns>The given address, else that of <c>DOCKER_HOST</c>, else the first socket that somebody listens on, else the first.</returns>
    /// <exception cref="ArgumentException">An address is not understood.</exception>
    public static EngineEndpoint Find(Uri? given, string? host, IReadOnlyList<string> sockets)
    {
        if (given is not null)
            return new EngineEndpoint(Understand(given.OriginalString), "");
        if (!string.IsNullOrEmpty(host))
            return new EngineEndpoint(Understand(host), "");
        return sockets.FirstOrDefault(Listens) is { } found
            ? new EngineEndpoint(new Uri($"unix://{found}"), "")
            : new EngineEndpoint(new Uri($"unix://{sockets[0]}"), $" Nobody listens on {string.Join(", ", sockets)}; an engine elsewhere is named by DOCKER_HOST.");
    }

    private static bool Listens(string path)
    {
        if (!File.Exists(path) || Encoding.UTF8.GetByteCount(path) > SocketPathBytesMax)
            return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static Uri Understand(string text)
    {
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
