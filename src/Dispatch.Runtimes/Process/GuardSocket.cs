using System.Net.Sockets;

namespace Dispatch.Runtimes.Process;

/// <summary>The guard's socket in the data directory; a path too long for the kernel's 107 bytes is reached through the open folder.</summary>
internal static class GuardSocket
{
    private const int PathBytesMax = 107;

    /// <summary>Connects to the guard.</summary>
    internal static async Task<Socket> ConnectAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var path = new ShortPath(ProcessLayout.Socket(dataDirectory));
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path.Value), cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Listens; the caller holds the directory's lock, so an older socket file belongs to nobody.</summary>
    internal static Socket Listen(string dataDirectory)
    {
        var file = ProcessLayout.Socket(dataDirectory);
        File.Delete(file);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var path = new ShortPath(file);
        socket.Bind(new UnixDomainSocketEndPoint(path.Value));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Listen(16);
        return socket;
    }

    private sealed class ShortPath : IDisposable
    {
        private readonly int _folder = -1;

        internal ShortPath(string path)
        {
            Value = path;
            if (System.Text.Encoding.UTF8.GetByteCount(path) > PathBytesMax)
            {
                _folder = Host.LibC.open(Path.GetDirectoryName(path)!, Host.LinuxNumbers.O_DIRECTORY | Host.LinuxNumbers.O_CLOEXEC, 0);
                Value = $"/proc/self/fd/{_folder}/{Path.GetFileName(path)}";
            }
        }

        internal string Value { get; }

        public void Dispose()
        {
            if (_folder >= 0)
            {
                _ = Host.LibC.close(_folder);
            }
        }
    }
}
