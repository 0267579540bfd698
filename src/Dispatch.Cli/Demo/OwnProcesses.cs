using System.ComponentModel;
using System.Diagnostics;

namespace Dispatch.Cli.Demo;

/// <summary>Finds the processes that the demo's own data directories belong to.</summary>
internal static class OwnProcesses
{
    /// <summary>Pids whose command line names a folder of the demo.</summary>
    public static IReadOnlyList<int> Below(string folder)
    {
        var found = new List<int>();
        foreach (var process in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _)))
        {
            try
            {
                if (File.ReadAllText($"/proc/{process}/cmdline").Contains(folder, StringComparison.Ordinal))
                    found.Add(int.Parse(process!, System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at, or is somebody else's.
            }
        }

        return found;
    }

    /// <summary>Kills one of them.</summary>
    public static void End(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended by itself.
        }
    }
}
