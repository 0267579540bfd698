using System.Globalization;
using System.Text;

namespace Dispatch.Runtimes.Host;

/// <summary>Questions to /proc about who descends from whom.</summary>
internal static class ProcessTable
{
    /// <summary>Every process there is.</summary>
    internal static IEnumerable<ProcStat> All()
    {
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(path.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && ProcStat.Read(pid) is { } stat)
            {
                yield return stat;
            }
        }
    }

    /// <summary>The children of this process that its first thread has: those it was given as their nearest living ancestor, and those whose starting thread has ended. Others are included where the kernel does not tell apart.</summary>
    internal static List<int> AdoptedChildren()
    {
        var self = Environment.ProcessId;
        return ProcFile.Read($"/proc/{self}/task/{self}/children") is { } children
            ? ProcFile.Numbers(children)
            : [.. All().Where(stat => stat.Parent == self).Select(stat => stat.Pid)];
    }

    /// <summary>Adds a process's descendants to a set.</summary>
    internal static void AddDescendants(int pid, HashSet<int> found)
    {
        var parents = new Queue<int>([pid]);
        ILookup<int, int>? table = null;
        while (parents.TryDequeue(out var parent))
        {
            foreach (var child in ChildrenOf(parent, ref table))
            {
                if (found.Add(child))
                {
                    parents.Enqueue(child);
                }
            }
        }
    }

    /// <summary>Whether a process was started with this entry in its environment.</summary>
    internal static bool HasEnvironment(int pid, string entry) =>
        ProcFile.Read($"/proc/{pid}/environ") is { } environment && ContainsEntry(environment, Encoding.UTF8.GetBytes(entry));

    internal static bool ContainsEntry(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> entry)
    {
        foreach (var range in environment.Split((byte)0))
        {
            if (environment[range].SequenceEqual(entry))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a process has one of these files open, by the name that /proc shows (such as <c>pipe:[4711]</c>).</summary>
    internal static bool HasOpen(int pid, IReadOnlyCollection<string> names)
    {
        try
        {
            foreach (var link in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
            {
                if (new FileInfo(link).LinkTarget is { } target && names.Contains(target))
                {
                    return true;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or belongs to somebody else: not ours.
        }

        return false;
    }

    private static IEnumerable<int> ChildrenOf(int pid, ref ILookup<int, int>? table)
    {
        if (table is null)
        {
            var children = new List<int>();
            var known = false;
            try
            {
                foreach (var task in Directory.EnumerateDirectories($"/proc/{pid}/task"))
                {
                    if (ProcFile.Read(task + "/children") is { } bytes)
                    {
                        known = true;
                        children.AddRange(ProcFile.Numbers(bytes));
                    }
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                known = true;
            }

            if (known)
            {
                return children;
            }
        }

        table ??= All().ToLookup(stat => stat.Parent, stat => stat.Pid);
        return table[pid];
    }
}
