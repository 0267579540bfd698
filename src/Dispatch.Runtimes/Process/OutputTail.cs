using System.Buffers;
using Dispatch.Runtimes.Host;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Runtimes.Process;

/// <summary>Carries a process's two output files into a sink while they grow, and their rest once no more can come. The guard makes a file with its first byte.</summary>
internal sealed class OutputTail(string folder, IOutputSink sink, FileChangeWatch watch)
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>Room is given back in whole blocks of the file system.</summary>
    private const int PageBytes = 4096;

    /// <summary>Chunks of one stream before the other has its turn.</summary>
    private const int TurnChunks = 16;

    /// <summary>How often files are looked at whose changes are told, in case one was not (a file system without them).</summary>
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(1);

    /// <summary>How long a process may run before its output is looked at.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(4);

    /// <summary>How often files are looked at whose changes are not told.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the rest of the output waits, after the end, for a sink whose disk is full.</summary>
    private static readonly TimeSpan RoomLimit = TimeSpan.FromSeconds(2);

    /// <summary>Runs until <paramref name="ended"/> and everything before it was carried over; what the sink's disk did not take is counted.</summary>
    /// <returns>Bytes that were not carried over.</returns>
    internal async Task<long> RunAsync(Task ended, CancellationToken cancellationToken)
    {
        using var stdout = new Source(ProcessLayout.Output(folder, OutputStream.Stdout), OutputStream.Stdout, sink);
        using var stderr = new Source(ProcessLayout.Output(folder, OutputStream.Stderr), OutputStream.Stderr, sink);

        // Most of what ends soon is read once, at its end, and needs no watch.
        await Task.WhenAny(ended, Task.Delay(Short, cancellationToken)).ConfigureAwait(false);
        using var watched = ended.IsCompleted ? null : watch.Watch(folder);
        long? refusedSince = null;
        while (true)
        {
            var last = ended.IsCompleted;
            var more = await stdout.CopyAsync(cancellationToken).ConfigureAwait(false) | await stderr.CopyAsync(cancellationToken).ConfigureAwait(false);
            if (more || watched?.Changes.TryRead(out _) == true)
            {
                continue;
            }

            if (last)
            {
                refusedSince ??= TimeProvider.System.GetTimestamp();
                if (stdout.Left + stderr.Left == 0 || TimeProvider.System.GetElapsedTime(refusedSince.Value) > RoomLimit)
                {
                    return stdout.Left + stderr.Left;
                }

                await Task.Delay(Look, cancellationToken).ConfigureAwait(false);
                continue;
            }

            await NextAsync(watched!, ended, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task NextAsync(FileChangeWatch.Watched watched, Task ended, CancellationToken cancellationToken)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var change = watched.Changes.WaitToReadAsync(idle.Token).AsTask();
        await Task.WhenAny(change, ended, Task.Delay(watched.IsTold ? LookAnyway : Look, idle.Token)).ConfigureAwait(false);
        await idle.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>One of the two files.</summary>
    private sealed class Source(string path, OutputStream stream, IOutputSink sink) : IDisposable
    {
        private SafeFileHandle? _file;
        private long _givenBack;

        /// <summary>Bytes that the sink does not have.</summary>
        internal long Left => _file is null ? 0 : Math.Max(0, RandomAccess.GetLength(_file) - sink.Position(stream));

        /// <summary>Carries over what is there, at most one turn's worth; true where there is more. What the sink has is given back to the disk, so that it is not kept twice.</summary>
        internal async Task<bool> CopyAsync(CancellationToken cancellationToken)
        {
            _file ??= File.Exists(path) ? File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete) : null;
            if (Left == 0)
            {
                return false;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
            try
            {
                for (var chunk = 0; chunk < TurnChunks; chunk++)
                {
                    var count = RandomAccess.Read(_file!, buffer.AsSpan(0, ChunkBytes), sink.Position(stream));
                    if (count == 0)
                    {
                        GiveBackMuch();
                        return false;
                    }

                    await sink.AppendAsync(stream, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                }

                GiveBackMuch();
                return true;
            }
            catch (OutputRefusedException)
            {
                // Where something could be given back it is tried again at once, else when more is written or at the end.
                return GiveBack();
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        public void Dispose() => _file?.Dispose();

        private void GiveBackMuch()
        {
            if (sink.Position(stream) - _givenBack >= TurnChunks * ChunkBytes)
            {
                GiveBack();
            }
        }

        private bool GiveBack()
        {
            var whole = sink.Position(stream) / PageBytes * PageBytes;
            if (whole <= _givenBack)
            {
                return false;
            }

            DiskRoom.GiveBack((int)_file!.DangerousGetHandle(), _givenBack, whole);
            _givenBack = whole;
            return true;
        }
    }
}
