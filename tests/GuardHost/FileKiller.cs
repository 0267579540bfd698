using Dispatch.Workers.Guard;

namespace GuardHost;

/// <summary>Writes each kill to a file. It says that the container is gone where FILE.gone exists, and never answers where FILE.silent does.</summary>
internal sealed class FileKiller(string file) : IContainerKiller
{
    public async Task<bool> KillAsync(string runtime, string containerId, CancellationToken cancellationToken)
    {
        await File.AppendAllTextAsync(file, $"{runtime} {containerId}\n", CancellationToken.None);
        if (File.Exists(file + ".silent"))
        {
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
        }

        return File.Exists(file + ".gone");
    }
}
