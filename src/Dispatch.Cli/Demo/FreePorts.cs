using System.Net;
using System.Net.Sockets;

namespace Dispatch.Cli.Demo;

/// <summary>Finds ports of loopback that nobody uses now.</summary>
internal static class FreePorts
{
    /// <summary>So many different ones.</summary>
    public static int[] Find(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
            listener.Start();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners)
            listener.Stop();
        return ports;
    }
}
