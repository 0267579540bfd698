using System.Collections.Concurrent;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>Carries what processes write into their output files: one thread for any number of pipes.</summary>
/// <remarks>A process gets a pipe and not the file itself: opening <c>/dev/stderr</c> to write, as shell scripts do, would cut a file to nothing, and with it what had been written before.</remarks>
internal sealed unsafe class OutputPump : IDisposable
{
    private const int EventsMax = 64;
    private readonly int _epoll;
    private readonly ConcurrentDictionary<int, OutputPipe> _pipes = new();
    private readonly int _wakeRead, _wakeWrite;
    private readonly Thread _thread;
    private int _disposed;

    internal OutputPump()
    {
        _epoll = LibC.epoll_create1(O_CLOEXEC);
        var wake = stackalloc int[2];
        if (_epoll < 0 || LibC.pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
        {
            throw new IOException($"Pipes cannot be polled: {ProcessIdentity.LastError()}.");
        }

        (_wakeRead, _wakeWrite) = (wake[0], wake[1]);
        EpollEvent.Add(_epoll, _wakeRead);
        _thread = new Thread(Run, 256 << 10) { IsBackground = true, Name = "output" };
        _thread.Start();
    }

    /// <summary>Makes a pipe whose content goes to the end of a file.</summary>
    /// <param name="file">The file; made for the first byte where it is not there.</param>
    /// <param name="owner">Who may open the pipe by its name, where it is another user.</param>
    internal OutputPipe Open(string file, Credentials? owner)
    {
        var ends = stackalloc int[2];
        if (LibC.pipe2(ends, O_CLOEXEC) != 0)
        {
            throw new IOException($"The pipe for {file} cannot be made: {ProcessIdentity.LastError()}.");
        }

        // Only the reading end must not block; the process's own end is an ordinary blocking one.
        _ = LibC.fcntl(ends[0], F_SETFL, O_NONBLOCK);
        if (owner is not null)
        {
            _ = LibC.fchown(ends[1], owner.User, owner.Group);
        }

        var pipe = new OutputPipe(this, ends[0], ends[1], file);
        _pipes[ends[0]] = pipe;
        EpollEvent.Add(_epoll, ends[0]);
        return pipe;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            byte one = 1;
            _ = LibC.write(_wakeWrite, &one, 1);
            _thread.Join();
            foreach (var fd in new[] { _epoll, _wakeRead, _wakeWrite })
            {
                _ = LibC.close(fd);
            }
        }
    }

    internal void Forget(int read)
    {
        _pipes.TryRemove(read, out _);
        EpollEvent.Remove(_epoll, read);
    }

    private void Run()
    {
        var events = stackalloc byte[EventsMax * 16];
        var buffer = new byte[OutputPipe.ChunkBytes];
        while (Volatile.Read(ref _disposed) == 0)
        {
            var count = LibC.epoll_wait(_epoll, events, EventsMax, -1);
            for (var i = 0; i < count; i++)
            {
                if (_pipes.TryGetValue(EpollEvent.File(events, i), out var pipe))
                {
                    pipe.Carry(buffer);
                }
            }
        }
    }
}
