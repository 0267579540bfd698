using System.Globalization;
using System.Text;

namespace Dispatch.Runtimes.Host;

/// <summary>The cgroup of one attempt: its limits, who is in it, and what the kernel counted.</summary>
internal sealed class AttemptCgroup
{
    private const long CpuPeriodMicroseconds = 100_000;
    private readonly CgroupTree _tree;
    private readonly string _name;

    internal AttemptCgroup(CgroupTree tree, string name)
    {
        _tree = tree;
        _name = name;
    }

    /// <summary>The folders, one a hierarchy.</summary>
    internal IEnumerable<string> Folders => _tree.Folders().Select(parent => $"{parent}/{_name}");

    /// <summary>Makes the folders, without limits.</summary>
    internal void Make()
    {
        foreach (var folder in Folders)
        {
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Version 1: gives the folders another's name, whoever is inside.</summary>
    internal void Rename(AttemptCgroup to)
    {
        foreach (var (from, target) in Folders.Zip(to.Folders))
        {
            Directory.Move(from, target);
        }
    }

    /// <summary>Writes the limits.</summary>
    internal void Limit(long memoryBytes, int pidsMax, double cpuCores)
    {
        var memory = Number(memoryBytes);
        var quota = Number(Math.Max(1000, (long)(cpuCores * CpuPeriodMicroseconds)));
        if (_tree.Unified is { } unified)
        {
            _ = ProcFile.Write($"{unified}/{_name}/memory.max", memory);
            _ = ProcFile.Write($"{unified}/{_name}/memory.swap.max", Number(0));
            _ = ProcFile.Write($"{unified}/{_name}/pids.max", Number(pidsMax));
            _ = ProcFile.Write($"{unified}/{_name}/cpu.max", Encoding.ASCII.GetBytes($"{Encoding.ASCII.GetString(quota)} {CpuPeriodMicroseconds}"));
            return;
        }

        if (Folder("memory") is { } memoryFolder)
        {
            _ = ProcFile.Write(memoryFolder + "/memory.limit_in_bytes", memory);
            _ = ProcFile.Write(memoryFolder + "/memory.memsw.limit_in_bytes", memory);
        }

        if (Folder("pids") is { } pids)
        {
            _ = ProcFile.Write(pids + "/pids.max", Number(pidsMax));
        }

        if (Folder("cpu") is { } cpu)
        {
            // The period of a new folder is the kernel's default, CpuPeriodMicroseconds.
            _ = ProcFile.Write(cpu + "/cpu.cfs_quota_us", quota);
        }
    }

    /// <summary>Version 1: moves the calling thread in, so that what it starts is born inside. Version 2 has no such thing: see <see cref="Add"/>.</summary>
    internal bool EnterThread()
    {
        var thread = Number(LibC.gettid());
        var entered = true;
        foreach (var parent in _tree.Parents.Values)
        {
            entered &= ProcFile.Write($"{parent}/{_name}/tasks", thread);
        }

        return entered;
    }

    /// <summary>Moves the calling thread back.</summary>
    internal void LeaveThread()
    {
        var thread = Number(LibC.gettid());
        foreach (var parent in _tree.Parents.Values)
        {
            _ = ProcFile.Write(Path.GetDirectoryName(parent)! + "/tasks", thread);
        }
    }

    /// <summary>Version 2: moves a process in, just after its start.</summary>
    internal void Add(int pid)
    {
        if (_tree.Unified is { } unified)
        {
            _ = ProcFile.Write($"{unified}/{_name}/cgroup.procs", Number(pid));
        }
    }

    /// <summary>The living processes inside.</summary>
    internal HashSet<int> Members()
    {
        var members = new HashSet<int>();
        foreach (var folder in Folders)
        {
            if (ProcFile.Read(folder + "/cgroup.procs") is { } text)
            {
                members.UnionWith(ProcFile.Numbers(text));
            }
        }

        members.Remove(Environment.ProcessId);
        return members;
    }

    /// <summary>How often the kernel killed for memory inside.</summary>
    internal long OutOfMemoryKills() => _tree.Unified is { } unified
        ? Counter($"{unified}/{_name}/memory.events", "oom_kill")
        : Folder("memory") is { } folder ? Counter(folder + "/memory.oom_control", "oom_kill") : 0;

    /// <summary>Most memory used, in bytes, or null where it is not counted.</summary>
    internal long? PeakMemoryBytes()
    {
        var path = _tree.Unified is { } unified ? $"{unified}/{_name}/memory.peak" : Folder("memory") + "/memory.max_usage_in_bytes";
        return ProcFile.Read(path) is { } text && long.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;
    }

    /// <summary>Removes the folders; false while a process is inside.</summary>
    internal bool TryRemove() => Folders.Aggregate(true, (removed, folder) => TryRemoveFolder(folder) && removed);

    internal static bool TryRemoveFolder(string folder)
    {
        try
        {
            Directory.Delete(folder);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folders in one; none where somebody else has removed it meanwhile.</summary>
    internal static string[] FoldersIn(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static long Counter(string path, string name)
    {
        if (ProcFile.Read(path) is { } text)
        {
            foreach (var fields in Encoding.ASCII.GetString(text).Split('\n').Select(line => line.Split(' ')))
            {
                if (fields.Length == 2 && fields[0] == name && long.TryParse(fields[1], CultureInfo.InvariantCulture, out var count))
                {
                    return count;
                }
            }
        }

        return 0;
    }

    private static byte[] Number(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    private string? Folder(string controller) => _tree.Parents.TryGetValue(controller, out var parent) ? $"{parent}/{_name}" : null;
}
