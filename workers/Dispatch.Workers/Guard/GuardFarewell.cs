using Dispatch.Runtimes.Host;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Guard;

/// <summary>Ends a guard that is needed no more, instead of leaving it to notice that its worker stays away.</summary>
public static class GuardFarewell
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Ends the guard of a data directory in which no attempt is left; where one is, the guard stays and nothing happens.</summary>
    /// <param name="dataDirectory">The data directory of a worker that has ended in order.</param>
    /// <param name="within">How long to wait for the guard's end.</param>
    /// <returns>Whether no guard runs any more.</returns>
    public static async Task<bool> SayAsync(string dataDirectory, TimeSpan within)
    {
        dataDirectory = Path.GetFullPath(dataDirectory);
        var attempts = Path.Combine(dataDirectory, PermissionFile.AttemptsFolder);
        if (GuardLock.Holder(ProcessLayout.LockFile(dataDirectory)) is not { IsRunning: true } guard)
            return true;
        if (Directory.Exists(attempts) && Directory.EnumerateDirectories(attempts).Any())
            return false;
        guard.Signal(LinuxNumbers.SIGTERM);
        var began = TimeProvider.System.GetTimestamp();
        while (guard.IsRunning && TimeProvider.System.GetElapsedTime(began) < within)
            await Task.Delay(AskEvery).ConfigureAwait(false);
        return !guard.IsRunning;
    }
}
