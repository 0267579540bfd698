using System.Buffers;

namespace Dispatch.Runtimes.Docker;

/// <summary>A container's output in Podman's own file on this host.</summary>
internal sealed class PodmanLogFile(string path) : IEngineFiles
{
    private const int ReadBytes = 256 * 1024;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    public bool IsCheap => true;

    /// <summary>The file of a container, where this process can get at it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="container">The container.</param>
    /// <returns>The file, or null where only the engine can read it.</returns>
    public static PodmanLogFile? Of(EngineConnection engine, EngineContainer container) =>
        engine is { Dialect.LogIsReadableFile: true, IsLocal: true } && Path.IsPathFullyQualified(container.LogPath) && Directory.Exists(Path.GetDirectoryName(container.LogPath))
            ? new PodmanLogFile(container.LogPath)
            : null;

    /// <inheritdoc/>
    public async Task<bool> ReadAsync(bool follow, ContainerEnd end, MissingOutput missing, CancellationToken cancellationToken)
    {
        var file = Open();
        if (file is null)
            return false;
        var buffer = ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var parser = new PodmanLogParser();
            while (true)
            {
                var ended = end.HasCome;
                var read = await file.ReadAsync(buffer.AsMemory(0, ReadBytes), cancellationToken).ConfigureAwait(false);
                foreach (var (stream, bytes) in parser.Take(buffer.AsSpan(0, read)))
                    await missing.TakeAsync(stream, bytes, cancellationToken).ConfigureAwait(false);
                if (read > 0)
                    continue;
                if (!follow || ended)
                    return true;

                // Beyond its size the engine begins the file anew under the same name; the old one has been read to its end here.
                if (new FileInfo(path) is { Exists: true } present && present.Length < file.Position && Open() is { } anew)
                {
                    await file.DisposeAsync().ConfigureAwait(false);
                    file = anew;
                    continue;
                }

                await end.ComesWithinAsync(LookEvery, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    private FileStream? Open()
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // It goes with the container.
            return null;
        }
    }
}
