using Dispatch.Runtimes.Host;
using Dispatch.Workers.Attempts;
using Microsoft.Extensions.Logging;

namespace Dispatch.Workers;

/// <summary>Looks whether the worker's disk takes what must not be lost: while it does not, the worker is not ready, and no job is sent to it.</summary>
/// <param name="folder">The data directory.</param>
/// <param name="status">Is told.</param>
/// <param name="logger">Is told when it changes.</param>
internal sealed partial class DiskWatch(string folder, WorkerStatus status, ILogger logger)
{
    /// <summary>Bytes that are written to see whether they can be: more than the journal of an attempt takes.</summary>
    internal const int ProbeBytes = 64 * 1024;

    private const string Condition = "disk";

    private readonly string probe = Path.Combine(folder, "probe");
    private readonly Lock looking = new();
    private bool full;

    /// <summary>Looks now.</summary>
    internal void Look()
    {
        lock (looking)
        {
            var missing = Probe();
            if (full != missing is not null)
            {
                full = missing is not null;
                if (full)
                {
                    Full(missing!);
                }
                else
                {
                    Room();
                }
            }

            status.Condition(Condition, missing);
        }
    }

    /// <summary>What is missing to a disk that takes writes; null where nothing is.</summary>
    internal static string? Missing(DiskRoom? room) => room is { IsTight: true } tight
        ? $"The worker's disk is nearly full: {tight.FreeBytes >> 10} KiB of {tight.TotalBytes >> 10} are free; it takes jobs again from {(2 * tight.ReserveBytes) >> 10} KiB on."
        : null;

    private string? Probe()
    {
        try
        {
            using var file = new FileStream(probe, DurableFile.OwnersOnly(FileMode.Create));
            try
            {
                var room = DiskRoom.Of((int)file.SafeFileHandle.DangerousGetHandle());
                file.Write(new byte[ProbeBytes]);
                return Missing(room);
            }
            finally
            {
                File.Delete(probe);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"The worker's disk takes nothing: {refused.Message}";
        }
    }

    [LoggerMessage(4080, LogLevel.Warning, "The worker takes no jobs: {Missing}")]
    private partial void Full(string missing);

    [LoggerMessage(4081, LogLevel.Information, "The worker's disk has room again")]
    private partial void Room();
}
