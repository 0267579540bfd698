using System.Buffers;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Dispatch.Runtimes.Docker;

/// <summary>
/// Brings a container's output into its sink, every byte once. While attached, bytes come straight from the container. After a broken or slow
/// attachment, and after a restart, they come from the engine's own files: from their beginning, without the bytes that the sink has, counted a stream.
/// </summary>
internal sealed partial class OutputCapture(
    IEngineFiles files, string containerId, IOutputSink sink, DockerRuntimeOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private const int ReadBytes = 32 * 1024;
    private const int BufferedReadsMax = 32;
    private const int HeadBytesMax = 1024;
    private static readonly TimeSpan ReopenFirst = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ReopenMax = TimeSpan.FromSeconds(2);

    private readonly MemoryStream _stderrHead = new();
    private bool _fromBeginning = true;

    /// <summary>Bytes that the sink's disk did not take.</summary>
    public long BytesLost { get; private set; }

    /// <summary>The beginning of standard error; null where this instance did not see it from the beginning.</summary>
    public string? StderrHead =>
        _fromBeginning && sink.Position(OutputStream.Stderr) == _stderrHead.Length ? Encoding.UTF8.GetString(_stderrHead.ToArray()) : null;

    public long Position(OutputStream stream) => sink.Position(stream);

    public void Dispose() => _stderrHead.Dispose();

    /// <summary>Captures until everything the container wrote is in the sink.</summary>
    /// <param name="attached">The attachment made before the start, or null to read the engine's files.</param>
    /// <param name="end">The container's end.</param>
    /// <param name="streamsClosed">Called when the attachment has ended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task RunAsync(EngineStream? attached, ContainerEnd end, Action streamsClosed, CancellationToken cancellationToken)
    {
        _fromBeginning = sink.Position(OutputStream.Stderr) == 0;
        if (attached is not null)
        {
            var whole = await CopyAttachedAsync(attached, end, streamsClosed, cancellationToken).ConfigureAwait(false);
            // The end of an attachment looks the same whether the container closed its streams or the engine went away: it was the whole only
            // where the container ended with it and the engine answered all along.
            if (whole && await end.ComesWithinAsync(options.SlowSinkAfter, cancellationToken).ConfigureAwait(false) && !end.EngineWasAway && !files.IsCheap)
                return;
        }

        await FollowFilesAsync(end, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Follows the engine's files while the container runs, and reads them once more after its end: a follower may be cut off before the last bytes.</summary>
    private async Task FollowFilesAsync(ContainerEnd end, CancellationToken cancellationToken)
    {
        var pause = ReopenFirst;
        while (true)
        {
            var last = end.HasCome;
            var before = sink.Position(OutputStream.Stdout) + sink.Position(OutputStream.Stderr);
            try
            {
                if (!await CopyFilesAsync(follow: !last, end, cancellationToken).ConfigureAwait(false) || last)
                    return;
            }
            catch (OutputRefusedException) when (last && pause >= ReopenMax)
            {
                await files.ReadAsync(follow: false, end, new MissingOutput(sink, CountAsync), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                // Engine or sink failed. While the container runs it is tried again; after its end until the pauses have grown to their longest.
                if (last && pause >= ReopenMax)
                    throw;
                LogReopening(containerId, error.Message);
            }

            if (last)
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            else
                await end.ComesWithinAsync(pause, cancellationToken).ConfigureAwait(false);
            var progress = sink.Position(OutputStream.Stdout) + sink.Position(OutputStream.Stderr) > before;
            pause = progress ? ReopenFirst : pause * 2 < ReopenMax ? pause * 2 : ReopenMax;
        }
    }

    /// <summary>Copies what the engine's files hold beyond the sink's positions. False where the container is gone.</summary>
    private async Task<bool> CopyFilesAsync(bool follow, ContainerEnd end, CancellationToken cancellationToken)
    {
        var missing = new MissingOutput(sink, AppendAsync);
        if (!await files.ReadAsync(follow, end, missing, cancellationToken).ConfigureAwait(false))
            return false;
        if (!follow && missing.StdoutLeft + missing.StderrLeft > 0)
            LogShorterThanSink(containerId, missing.StdoutLeft, missing.StderrLeft);
        return true;
    }

    /// <summary>Copies from the attachment through a bounded buffer. False where it broke, or was given up because the sink is slow.</summary>
    private async Task<bool> CopyAttachedAsync(EngineStream attached, ContainerEnd end, Action streamsClosed, CancellationToken cancellationToken)
    {
        // An attachment that the engine forgets must not outlive the container.
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var cut = end.Token.Register(() => reading.CancelAfter(options.SlowSinkAfter));
        var reads = Channel.CreateBounded<(OutputStream Stream, byte[] Buffer, int Count)>(
            new BoundedChannelOptions(BufferedReadsMax) { SingleReader = true, SingleWriter = true });
        var appending = AppendAllAsync(reads.Reader, cancellationToken);
        var whole = false;
        try
        {
            whole = await ReadAttachedAsync(attached, reads.Writer, appending, reading.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever broke it, a torn frame or the connection: the engine's files have the rest.
            LogReopening(containerId, error.Message);
        }
        finally
        {
            attached.Dispose();
            streamsClosed();
            reads.Writer.TryComplete();
        }

        try
        {
            await appending.ConfigureAwait(false);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogReopening(containerId, error.Message);
            return false;
        }

        return whole;
    }

    private async Task<bool> ReadAttachedAsync(
        EngineStream attached, ChannelWriter<(OutputStream Stream, byte[] Buffer, int Count)> reads, Task appending, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        while (true)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
            var (of, count) = await attached.ReadAsync(buffer.AsMemory(0, ReadBytes), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return true;
            if (of is not { } stream)
                continue;
            if (reads.TryWrite((stream, buffer, count)))
                continue;

            // The engine holds the container up once its own buffer for us is full, so a slow sink must not keep the attachment.
            // All the waiting counts, or a sink that is always a little slow would hold the container up for ever.
            var since = time.GetTimestamp();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var room = reads.WaitToWriteAsync(patience.Token).AsTask();
            await Task.WhenAny(room, appending, Task.Delay(options.SlowSinkAfter - waited, time, patience.Token)).ConfigureAwait(false);
            waited += time.GetElapsedTime(since);
            var written = reads.TryWrite((stream, buffer, count));
            await patience.CancelAsync().ConfigureAwait(false);
            if (!written || waited >= options.SlowSinkAfter)
            {
                LogSlowSink(containerId);
                return false;
            }
        }
    }

    private async Task AppendAllAsync(ChannelReader<(OutputStream Stream, byte[] Buffer, int Count)> reads, CancellationToken cancellationToken)
    {
        await foreach (var (stream, buffer, count) in reads.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await AppendAsync(stream, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ValueTask CountAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        BytesLost += bytes.Length;
        return ValueTask.CompletedTask;
    }

    private async ValueTask AppendAsync(OutputStream stream, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await sink.AppendAsync(stream, bytes, cancellationToken).ConfigureAwait(false);
        if (stream == OutputStream.Stderr && _stderrHead.Length < HeadBytesMax)
            _stderrHead.Write(bytes.Span[..(int)Math.Min(bytes.Length, HeadBytesMax - _stderrHead.Length)]);
    }

    [LoggerMessage(2101, LogLevel.Information, "Output of container {ContainerId} is read on from the engine's files: {Reason}")]
    private partial void LogReopening(string containerId, string reason);

    [LoggerMessage(2102, LogLevel.Information, "The sink of container {ContainerId} is slow: its output is read from the engine's files")]
    private partial void LogSlowSink(string containerId);

    [LoggerMessage(2103, LogLevel.Warning,
        "The engine's files of container {ContainerId} hold fewer bytes than were captured already (stdout {StdoutBytes}, stderr {StderrBytes} fewer): they were rotated away")]
    private partial void LogShorterThanSink(string containerId, long stdoutBytes, long stderrBytes);
}
