using System.Buffers;
using System.Net;
using Docker.DotNet;

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
        var newlines = engine.Dialect.LeavesOutNewlines ? new LeftOutNewlines() : null;
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        EngineStream log;
        try
        {
            log = await engine.AskAsync(
                $"read the output of container {containerId}",
                token => EngineStream.ReadLogAsync(engine.Address, containerId, follow, newlines, token), cancellationToken).ConfigureAwait(false);
        }
        catch (DockerApiException error) when (error.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }

        using (log)
        {
            // A follower that the engine forgets must not outlive the container.
            using var cut = follow ? end.Token.Register(() => reading.CancelAfter(options.SlowSinkAfter)) : default;
            var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
            try
            {
                while (await log.ReadAsync(buffer.AsMemory(0, ReadBytes), reading.Token).ConfigureAwait(false) is var (of, count) && count > 0)
                {
                    if (of is { } stream)
                        await missing.TakeAsync(stream, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (follow && reading.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                // What is left is read once more after the end.
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            return true;
        }
    }
}
