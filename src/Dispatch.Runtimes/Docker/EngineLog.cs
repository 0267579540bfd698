using System.Buffers;
using System.Net;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Dispatch.Runtimes.Docker;

/// <summary>A container's output through the engine's API.</summary>
internal sealed class EngineLog(EngineConnection engine, string containerId, DockerRuntimeOptions options) : IEngineFiles
{
    private const int ReadBytes = 32 * 1024;

    /// <inheritdoc/>
    public bool IsCheap => false;

    /// <inheritdoc/>
    public async Task<bool> ReadAsync(bool follow, ContainerEnd end, MissingOutput missing, CancellationToken cancellationToken)
    {
        var what = new ContainerLogsParameters { ShowStdout = true, ShowStderr = true, Follow = follow, Tail = "all" };
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        MultiplexedStream logs;
        try
        {
            logs = await engine.AskAsync(
                $"read the output of container {containerId}",
                token => engine.Client.Containers.GetContainerLogsAsync(containerId, what, token), cancellationToken).ConfigureAwait(false);
        }
        catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        using (logs)
        {
            // A follower that the engine forgets must not outlive the container.
            using var cut = follow ? end.Token.Register(() => reading.CancelAfter(options.SlowSinkAfter)) : default;
            var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
            try
            {
                while (true)
                {
                    MultiplexedStream.ReadResult read;
                    try
                    {
                        read = await logs.ReadOutputAsync(buffer, 0, ReadBytes, reading.Token).ConfigureAwait(false);
                    }
                    catch (Exception) when (follow && reading.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                    {
                        return true;
                    }

                    if (read.EOF)
                        return true;
                    if (StreamOf(read) is { } stream)
                        await missing.TakeAsync(stream, buffer.AsMemory(0, read.Count), cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>The stream of a piece, or null for one that is none.</summary>
    private static OutputStream? StreamOf(MultiplexedStream.ReadResult read) => read.Target switch
    {
        MultiplexedStream.TargetStream.StandardOut => OutputStream.Stdout,
        MultiplexedStream.TargetStream.StandardError => OutputStream.Stderr,
        _ => null,
    };
}
