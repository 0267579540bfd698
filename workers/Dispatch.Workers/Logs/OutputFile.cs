using Dispatch.Runtimes;
using Dispatch.Runtimes.Host;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Workers.Logs;

/// <summary>One captured stream on the worker's disk. Its length is its position, so that a restart goes on at the exact byte.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string path;
    private readonly long bytesMax;
    private SafeFileHandle? handle;
    private long position;

    /// <summary>Goes on with the file; where there is none it is made, with its folder, for the first byte.</summary>
    internal OutputFile(string path, long bytesMax)
    {
        this.path = path;
        this.bytesMax = bytesMax;
        if (File.Exists(path))
        {
            handle = Open();
            position = RandomAccess.GetLength(handle);
        }
    }

    /// <summary>Bytes taken, those beyond the limit included.</summary>
    internal long Position => Volatile.Read(ref position);

    /// <summary>Bytes that can be read back.</summary>
    internal long Kept => Math.Min(Position, bytesMax);

    /// <exception cref="OutputRefusedException">The disk takes no more.</exception>
    internal async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var at = Position;
        var room = (int)Math.Clamp(bytesMax - at, 0, bytes.Length);
        try
        {
            handle ??= Make();
            if (room > 0)
            {
                RequireRoom(room);
                await RandomAccess.WriteAsync(handle, bytes[..room], at, cancellationToken).ConfigureAwait(false);
            }

            if (room < bytes.Length)
            {
                // What is beyond the limit leaves a hole that takes no disk: the position survives a restart.
                RandomAccess.SetLength(handle, at + bytes.Length);
            }
        }
        catch (Exception refused) when (refused is IOException and not OutputRefusedException or UnauthorizedAccessException)
        {
            throw new OutputRefusedException(refused.Message, refused);
        }

        Volatile.Write(ref position, at + bytes.Length);
    }

    internal async Task<byte[]> ReadAsync(long offset, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        var read = 0;
        while (read < count)
        {
            var got = await RandomAccess.ReadAsync(handle!, bytes.AsMemory(read), offset + read, cancellationToken).ConfigureAwait(false);
            if (got == 0)
            {
                break;
            }

            read += got;
        }

        return read == count ? bytes : bytes[..read];
    }

    /// <inheritdoc/>
    public void Dispose() => handle?.Dispose();

    private void RequireRoom(int bytes)
    {
        if (DiskRoom.Of((int)handle!.DangerousGetHandle()) is { } room && !room.Takes(bytes, room.CopyReserveBytes))
        {
            throw new OutputRefusedException($"The disk has {room.FreeBytes} bytes left, and {room.CopyReserveBytes} are kept for what must not be lost.");
        }
    }

    private SafeFileHandle Make()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return Open();
    }

    private SafeFileHandle Open()
    {
        var opened = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        File.SetUnixFileMode(opened, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return opened;
    }
}
