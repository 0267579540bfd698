using System.Runtime.InteropServices;

namespace Dispatch.Cli.Output;

/// <summary>
/// Standard output or standard error, unbuffered, for the bytes of jobs. The console's own stream swallows the news that its reader went away,
/// and a file stream writes at offsets of its own, which breaks outputs that share a file.
/// </summary>
internal sealed partial class StandardStream : Stream
{
    private const int Eintr = 4;
    private const int Eagain = 11;
    private const short PollOut = 4;
    private readonly int descriptor;

    private StandardStream(int descriptor) => this.descriptor = descriptor;

    /// <summary>Standard output.</summary>
    public static StandardStream Output { get; } = new(1);

    /// <summary>Standard error.</summary>
    public static StandardStream Error { get; } = new(2);

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = WriteOnce(descriptor, buffer, (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == Eagain)
                _ = Poll(new PollRequest(descriptor, PollOut), 1, -1);
            else if (error != Eintr)
                throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is held back.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteOnce(int descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(in PollRequest request, ulong count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct PollRequest(int Descriptor, short Wanted, short Found = 0);
}
