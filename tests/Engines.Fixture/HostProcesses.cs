using System.Diagnostics;

namespace Engines.Fixture;

/// <summary>Ends what an engine leaves behind: only processes whose command line names its folder, and mounts below it.</summary>
internal static class HostProcesses
{
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(20);

    public static async Task SignalAsync(int processId, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("/bin/kill", ["-s", signal, $"{processId}"]) { RedirectStandardError = true })!;
        await kill.WaitForExitAsync();
    }

    /// <summary>Whether a process ends within a time; one that only waits to be reaped has ended.</summary>
    public static async Task<bool> EndsWithinAsync(int processId, TimeSpan limit)
    {
        var since = Stopwatch.GetTimestamp();
        while (Lives(processId))
        {
            if (Stopwatch.GetElapsedTime(since) > limit)
                return false;
            await Task.Delay(20);
        }

        return true;
    }

    public static async Task EndThoseOfAsync(string folder)
    {
        var since = Stopwatch.GetTimestamp();
        while (Of(folder) is { Count: > 0 } left)
        {
            foreach (var processId in left)
                await SignalAsync(processId, "KILL");
            if (Stopwatch.GetElapsedTime(since) > EndWithin)
                throw new InvalidOperationException($"Processes of the engine in {folder} do not end: {string.Join(", ", left)}.");
            await Task.Delay(50);
        }
    }

    public static async Task UnmountBelowAsync(string folder)
    {
        // The innermost first; a lazy unmount, since a namespace that is just being torn down may hold it for a moment.
        foreach (var line in (await File.ReadAllLinesAsync("/proc/self/mountinfo")).Reverse())
        {
            var target = line.Split(' ')[4];
            if (!target.StartsWith(folder + "/", StringComparison.Ordinal))
                continue;
            using var unmount = Process.Start(new ProcessStartInfo("umount", ["-l", target]) { RedirectStandardError = true })!;
            await unmount.WaitForExitAsync();
        }
    }

    private static bool Lives(int processId)
    {
        try
        {
            // pid (name) state …: the name may hold anything, so the state is looked for after its last bracket.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static List<int> Of(string folder)
    {
        var found = new List<int>();
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(entry), out var processId) || processId == Environment.ProcessId)
                continue;
            try
            {
                if (File.ReadAllText(Path.Combine(entry, "cmdline")).Contains(folder + "/", StringComparison.Ordinal))
                    found.Add(processId);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return found;
    }
}
