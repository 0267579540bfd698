using System.Runtime.InteropServices;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>The event structure of epoll, whose layout depends on the architecture.</summary>
internal static unsafe class EpollEvent
{
    private const int AddFile = 1, Delete = 2;
    private const uint In = 1;

    /// <summary>Asks to be told when a file can be read; the event carries the file's number.</summary>
    internal static void Add(int epoll, int fd)
    {
        var polled = stackalloc byte[16];
        new Span<byte>(polled, 16).Clear();
        *(uint*)polled = In;
        *(long*)(polled + EpollDataOffset) = fd;
        if (LibC.epoll_ctl(epoll, AddFile, fd, polled) != 0)
        {
            throw new IOException($"A file cannot be polled: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }

    /// <summary>No longer.</summary>
    internal static void Remove(int epoll, int fd)
    {
        var polled = stackalloc byte[16];
        _ = LibC.epoll_ctl(epoll, Delete, fd, polled);
    }

    /// <summary>The file of the n-th event.</summary>
    internal static int File(byte* events, int index) => (int)*(long*)(events + (index * EpollEventBytes) + EpollDataOffset);
}
