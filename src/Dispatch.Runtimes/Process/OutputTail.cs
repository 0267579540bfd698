using System.Buffers;
using Dispatch.Runtimes.Host;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Runtimes.Process;

/// <summary>Carries one output file into a sink while it grows, and its rest once no more can come.</summary>
internal sealed class OutputTail(string path, OutputStream stream, IOutputSink sink, FileChangeWatch watch)
{
    private const int ChunkBytes = 64 << 10;

    /// <summary>How often a file is looked at whose changes are told, in case one was not (a file system without them).</summary>
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(1);

    /// <summary>How long a process may run before its output is looked at.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(4);

    /// <summary>How often a file is looked at whose changes are not told.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs until <paramref name="ended"/> and everything before it was carried over.</summary>
    internal async Task RunAsync(Task ended, CancellationToken cancellationToken)
    {
        // Most of what ends soon is read once, at its end, and needs no watch.
        await Task.WhenAny(ended, Task.Delay(Short, cancellationToken)).ConfigureAwait(false);
        if (!File.Exists(path))
        {
            // The guard makes the file before it starts anything: where there is none nothing was started, and nothing comes.
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (ended.IsCompleted)
        {
            await CopyAsync(file, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var watched = watch.Watch(path);
        while (true)
        {
            var last = ended.IsCompleted;
            await CopyAsync(file, cancellationToken).ConfigureAwait(false);
            if (last)
            {
                return;
            }

            if (watched.Changes.TryRead(out _))
            {
                continue;
            }

            using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var change = watched.Changes.WaitToReadAsync(idle.Token).AsTask();
            await Task.WhenAny(change, ended, Task.Delay(watched.IsTold ? LookAnyway : Look, idle.Token)).ConfigureAwait(false);
            await idle.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task CopyAsync(SafeFileHandle file, CancellationToken cancellationToken)
    {
        if (RandomAccess.GetLength(file) <= sink.Position(stream))
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            while (true)
            {
                var count = RandomAccess.Read(file, buffer.AsSpan(0, ChunkBytes), sink.Position(stream));
                if (count == 0)
                {
                    return;
                }

                await sink.AppendAsync(stream, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
