namespace Dispatch.Integration.Tests.Stack;

/// <summary>Looks for processes of this machine that belong to a folder or to a job.</summary>
internal static class HostProcesses
{
    /// <summary>Those whose command line, environment or working directory names a folder: roles, guards, jobs.</summary>
    public static IReadOnlyList<string> Of(string folder) => Where(entry =>
        Read(entry, "cmdline").Contains(folder, StringComparison.Ordinal) || Read(entry, "environ").Contains(folder, StringComparison.Ordinal));

    /// <summary>Those that jobs below a folder started, by the marks in their environment.</summary>
    public static IReadOnlyList<string> OfJobs(string folder) => Where(entry =>
        Read(entry, "environ") is var environment && environment.Contains("DISPATCH_JOB=", StringComparison.Ordinal) && environment.Contains(folder, StringComparison.Ordinal));

    /// <summary>Those of one job.</summary>
    public static IReadOnlyList<string> OfJob(string job) => Where(entry => ("\0" + Read(entry, "environ")).Contains($"\0DISPATCH_JOB={job}\0", StringComparison.Ordinal));

    /// <summary>Whether a process lives; one that only waits to be reaped does not.</summary>
    public static bool Lives(int processId)
    {
        var stat = Read($"/proc/{processId}", "stat");
        return stat.Length > 0 && stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
    }

    private static List<string> Where(Func<string, bool> holds)
    {
        var found = new List<string>();
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), out var processId) && processId != Environment.ProcessId && holds(entry) && Lives(processId))
                found.Add($"{processId} {Read(entry, "cmdline").Replace('\0', ' ')}");
        }

        return found;
    }

    private static string Read(string entry, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(entry, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is somebody else's.
            return "";
        }
    }
}
