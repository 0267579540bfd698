using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>Tells when files of a folder are made or grow, by inotify: one kernel queue and one waiting thread for any number of folders. Without inotify it says so, and the caller looks from time to time.</summary>
internal sealed unsafe class FileChangeWatch : IDisposable
{
    private const uint ModifiedOrMade = 0x2 | 0x100;
    private const int EventBytes = 16, BufferBytes = 64 << 10;
    private readonly ConcurrentDictionary<int, Channel<bool>> _folders = new();
    private readonly int _queue;
    private readonly int _wakeRead, _wakeWrite;
    private readonly int _poll;
    private readonly Thread? _reader;
    private int _disposed;

    internal FileChangeWatch()
    {
        _queue = LibC.inotify_init1(O_CLOEXEC | O_NONBLOCK);
        if (_queue < 0)
        {
            return;
        }

        var wake = stackalloc int[2];
        if (LibC.pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
        {
            throw new IOException($"A pipe cannot be made: {ProcessIdentity.LastError()}.");
        }

        (_wakeRead, _wakeWrite) = (wake[0], wake[1]);
        _poll = LibC.epoll_create1(O_CLOEXEC);
        EpollEvent.Add(_poll, _queue);
        EpollEvent.Add(_poll, _wakeRead);
        _reader = new Thread(ReadLoop, 128 << 10) { IsBackground = true, Name = "file changes" };
        _reader.Start();
    }

    /// <summary>Whether the kernel tells; else a folder must be looked at from time to time.</summary>
    internal bool IsAvailable => _queue >= 0;

    /// <summary>Watches the files of one folder, not those of the folders in it, until the watch is disposed.</summary>
    internal Watched Watch(string folder)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        var watch = IsAvailable ? LibC.inotify_add_watch(_queue, folder, ModifiedOrMade) : -1;
        if (watch >= 0)
        {
            _folders[watch] = changes;
        }

        return new Watched(this, watch, changes.Reader);
    }

    public void Dispose()
    {
        if (_reader is null || Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        byte one = 1;
        _ = LibC.write(_wakeWrite, &one, 1);
        _reader.Join();
        foreach (var fd in new[] { _queue, _wakeRead, _wakeWrite, _poll })
        {
            _ = LibC.close(fd);
        }
    }

    private void ReadLoop()
    {
        var buffer = new byte[BufferBytes];
        var polled = stackalloc byte[2 * EpollEventBytes];
        while (Volatile.Read(ref _disposed) == 0)
        {
            _ = LibC.epoll_wait(_poll, polled, 2, -1);
            fixed (byte* start = buffer)
            {
                var count = (int)LibC.read(_queue, start, BufferBytes);
                for (var offset = 0; offset + EventBytes <= count;)
                {
                    var watch = MemoryMarshal.Read<int>(buffer.AsSpan(offset));
                    var nameBytes = MemoryMarshal.Read<int>(buffer.AsSpan(offset + 12));
                    offset += EventBytes + nameBytes;
                    if (_folders.TryGetValue(watch, out var changes))
                    {
                        changes.Writer.TryWrite(true);
                    }
                }
            }
        }
    }

    /// <summary>One watched folder.</summary>
    internal sealed class Watched(FileChangeWatch owner, int watch, ChannelReader<bool> changes) : IDisposable
    {
        /// <summary>Whether changes are told.</summary>
        internal bool IsTold => watch >= 0;

        /// <summary>Has an item when something changed since the last one was taken.</summary>
        internal ChannelReader<bool> Changes { get; } = changes;

        public void Dispose()
        {
            if (watch >= 0 && owner._folders.TryRemove(watch, out _) && Volatile.Read(ref owner._disposed) == 0)
            {
                _ = LibC.inotify_rm_watch(owner._queue, watch);
            }
        }
    }
}
