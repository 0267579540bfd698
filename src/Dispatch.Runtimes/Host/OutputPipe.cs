using System.Runtime.InteropServices;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>One pipe from a process to a file.</summary>
internal sealed unsafe class OutputPipe
{
    internal const int ChunkBytes = 64 << 10;

    /// <summary>Read in one turn before others get theirs; also the most that can be left in a pipe, whose default is a sixteenth of it.</summary>
    private const int TurnBytesMax = 1 << 20;

    private const int OwnerReadsAndWrites = 0x180;

    private readonly Lock _gate = new();
    private readonly OutputPump _pump;
    private readonly int _read;
    private readonly string _path;
    private int _write, _file = -1;
    private bool _ended, _closed;

    internal OutputPipe(OutputPump pump, int read, int write, string path)
    {
        (_pump, _read, _write, _path) = (pump, read, write, path);
        Name = new FileInfo($"/proc/self/fd/{read}").LinkTarget ?? "";
    }

    /// <summary>The pipe's name as /proc shows it, by which a process that holds it open is known.</summary>
    internal string Name { get; }

    /// <summary>The end for the process.</summary>
    internal int WriteEnd => _write;

    /// <summary>Bytes that the file did not take.</summary>
    internal long BytesLost { get; private set; }

    /// <summary>Closes our copy of the process's end, once the process has its own.</summary>
    internal void CloseWriteEnd()
    {
        // Whoever started the process and whoever saw its end come here at the same time: a number closed twice would be somebody else's file.
        if (Interlocked.Exchange(ref _write, -1) is >= 0 and var write)
        {
            _ = LibC.close(write);
        }
    }

    /// <summary>Carries over what is there, at most one turn's worth.</summary>
    internal void Carry(byte[] buffer)
    {
        lock (_gate)
        {
            if (!_ended && !_closed)
            {
                CarryLocked(buffer);
            }
        }
    }

    /// <summary>Carries over the rest and closes; what a survivor writes later meets a closed pipe.</summary>
    internal void Finish()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            CloseWriteEnd();
            if (!_ended)
            {
                CarryLocked(new byte[ChunkBytes]);
            }

            if (!_ended)
            {
                _pump.Forget(_read);
            }

            _closed = true;
            _ = LibC.close(_read);
            if (_file >= 0)
            {
                _ = LibC.close(_file);
            }
        }
    }

    private void CarryLocked(byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            for (var turn = 0; turn < TurnBytesMax;)
            {
                var count = (int)LibC.read(_read, start, (nuint)buffer.Length);
                if (count > 0)
                {
                    turn += count;
                    Keep(start, count);
                    continue;
                }

                if (count < 0 && Marshal.GetLastPInvokeError() == EINTR)
                {
                    continue;
                }

                if (count == 0 || Marshal.GetLastPInvokeError() != EAGAIN)
                {
                    _ended = true;
                    _pump.Forget(_read);
                }

                return;
            }
        }
    }

    /// <summary>Writes to the end of the file, which is made for the first byte. A disk that is full but for its reserve loses output, counted; it does not stop the process.</summary>
    private void Keep(byte* bytes, int count)
    {
        if (_file < 0)
        {
            _file = LibC.open(_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, OwnerReadsAndWrites);
        }

        if (DiskRoom.Of(_file) is { } room && !room.Takes(count, room.ReserveBytes))
        {
            BytesLost += count;
            return;
        }

        while (count > 0)
        {
            var written = (int)LibC.write(_file, bytes, (nuint)count);
            if (written < 0)
            {
                if (Marshal.GetLastPInvokeError() == EINTR)
                {
                    continue;
                }

                BytesLost += count;
                return;
            }

            bytes += written;
            count -= written;
        }
    }
}
