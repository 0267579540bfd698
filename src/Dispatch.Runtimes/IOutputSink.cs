namespace Dispatch.Runtimes;

/// <summary>Takes the bytes of both output streams, whole and in order.</summary>
public interface IOutputSink
{
    /// <summary>How many bytes of a stream the sink has; capture goes on from here.</summary>
    /// <param name="stream">Which stream.</param>
    /// <returns>Bytes, from 0.</returns>
    long Position(OutputStream stream);

    /// <summary>Appends bytes at the stream's position. When it returns, the position has moved on.</summary>
    /// <param name="stream">Which stream.</param>
    /// <param name="bytes">Raw bytes, not decoded.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>A task that ends when the bytes are kept.</returns>
    /// <exception cref="OutputRefusedException">The disk does not take them; the position has not moved.</exception>
    ValueTask AppendAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}
