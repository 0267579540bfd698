using System.Globalization;
using System.Text;

namespace Dispatch.Runtimes.Host;

/// <summary>Where this process may make cgroups of its own: one folder in each hierarchy that limits memory, processes or CPU. Version 1 and version 2; tolerates none.</summary>
internal sealed class CgroupTree : IDisposable
{
    private const string Mount = "/sys/fs/cgroup";
    private static readonly string[] Controllers = ["memory", "pids", "cpu"];

    private readonly IReadOnlyList<CgroupOwner> _owned;

    private CgroupTree(string name, IReadOnlyDictionary<string, string> parents, string? unified)
    {
        Name = name;
        Parents = parents;
        Unified = unified;
        _owned = [.. Folders().Select(CgroupOwner.Take).OfType<CgroupOwner>()];
    }

    /// <summary>No cgroups at all.</summary>
    internal static CgroupTree None { get; } = new("none", new Dictionary<string, string>(), null);

    /// <summary>The folder's name, the same at every start of the same owner.</summary>
    internal string Name { get; }

    /// <summary>Version 1: controller to the folder that this process may make attempts' folders in.</summary>
    internal IReadOnlyDictionary<string, string> Parents { get; }

    /// <summary>Version 2: the folder, or null.</summary>
    internal string? Unified { get; }

    /// <summary>Whether attempts get a cgroup at all.</summary>
    internal bool IsAvailable => Parents.Count > 0 || Unified is not null;

    /// <summary>Version 1: a thread can be moved alone.</summary>
    internal bool TakesThreads => Parents.Count > 0;

    /// <summary>What is not enforced here, one sentence; empty where everything is.</summary>
    internal string Missing
    {
        get
        {
            var missing = Unified is not null ? [] : Controllers.Except(Parents.Keys).ToArray();
            return missing.Length == 0 ? "" : $"Limits of {string.Join(", ", missing)} are not enforced on plain processes: no writable cgroup for them.";
        }
    }

    /// <summary>Looks for writable hierarchies below the own cgroup and makes the folder there.</summary>
    internal static CgroupTree Discover(string name)
    {
        var own = OwnPaths();
        var parents = new Dictionary<string, string>();
        foreach (var controller in Controllers)
        {
            if (own.TryGetValue(controller, out var path) && MakeFolder($"{Mount}/{controller}", path, name) is { } folder)
            {
                parents[controller] = folder;
            }
        }

        if (parents.Count > 0 || !own.TryGetValue("", out var unifiedPath))
        {
            return new CgroupTree(name, parents, null);
        }

        return new CgroupTree(name, parents, MakeUnified(unifiedPath, name));
    }

    /// <summary>The folders of one attempt, in every hierarchy.</summary>
    internal AttemptCgroup? Attempt(string attempt) => IsAvailable ? new AttemptCgroup(this, attempt) : null;

    /// <summary>Attempts that have a folder, by name. What an owner that was killed had made ready is none, and is made use of.</summary>
    internal IReadOnlyList<string> Attempts() =>
        [.. Folders().Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Select(path => Path.GetFileName(path)!).Where(name => name != ReadyCgroup.Name).Distinct()];

    /// <summary>
    /// Removes what owners that were killed have left, where no process is inside: beside the own folders, and one step further, where the same owner's folder was when it was
    /// started from another session.
    /// </summary>
    /// <param name="isName">Whether a folder's name is one of such an owner.</param>
    internal void RemoveAbandoned(Func<string, bool> isName)
    {
        foreach (var own in Folders())
        {
            RemoveAbandoned(own, Mount, isName);
        }
    }

    internal static void RemoveAbandoned(string own, string mount, Func<string, bool> isName)
    {
        var parent = Path.GetDirectoryName(own)!;
        var above = Path.GetDirectoryName(parent)!;

        // Beside a hierarchy's root are the other hierarchies.
        var parents = above.Length > mount.Length ? AttemptCgroup.FoldersIn(above) : [parent];
        foreach (var folder in parents.SelectMany(AttemptCgroup.FoldersIn))
        {
            if (folder != own && isName(Path.GetFileName(folder)))
            {
                CgroupOwner.RemoveAbandoned(folder);
            }
        }
    }

    /// <summary>Removes the folders where no attempt is left, and gives them up.</summary>
    public void Dispose()
    {
        foreach (var folder in Folders())
        {
            AttemptCgroup.TryRemoveFolder(folder);
        }

        foreach (var owned in _owned)
        {
            owned.Dispose();
        }
    }

    /// <summary>The attempt that a process belongs to by its cgroup, or null.</summary>
    internal string? AttemptOf(int pid)
    {
        if (!IsAvailable || ProcFile.Read($"/proc/{pid}/cgroup") is not { } text)
        {
            return null;
        }

        var marker = $"/{Name}/";
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            var at = line.IndexOf(marker, StringComparison.Ordinal);
            if (at >= 0)
            {
                var rest = line[(at + marker.Length)..];
                var end = rest.IndexOf('/', StringComparison.Ordinal);
                return end < 0 ? rest : rest[..end];
            }
        }

        return null;
    }

    internal IEnumerable<string> Folders() => Unified is null ? Parents.Values : [Unified];

    private static Dictionary<string, string> OwnPaths()
    {
        var paths = new Dictionary<string, string>();
        if (ProcFile.Read("/proc/self/cgroup") is { } text)
        {
            foreach (var fields in Encoding.UTF8.GetString(text).Split('\n').Select(line => line.Split(':', 3)).Where(fields => fields.Length == 3))
            {
                foreach (var controller in fields[1].Split(','))
                {
                    paths[controller] = fields[2];
                }
            }
        }

        return paths;
    }

    private static string? MakeFolder(string hierarchy, string own, string name)
    {
        // Inside a container the own path may not be visible: then the hierarchy's mount is the own folder.
        var parent = Directory.Exists(hierarchy + own) ? (hierarchy + own).TrimEnd('/') : hierarchy;
        try
        {
            if (File.Exists(parent + "/tasks"))
            {
                // Not looked at again: until it is locked, another may take it for abandoned, and its owner then makes it anew.
                return Directory.CreateDirectory($"{parent}/{name}").FullName;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Read-only or not ours: this hierarchy limits nothing, and the runtime's description says so.
        }

        return null;
    }

    /// <summary>Version 2 gives controllers to children only from a folder that holds no process itself: the own one where it was delegated that way, or the root.</summary>
    private static string? MakeUnified(string own, string name)
    {
        foreach (var parent in new[] { (Mount + own).TrimEnd('/'), Mount }.Where(Enables))
        {
            try
            {
                var folder = Directory.CreateDirectory($"{parent}/{name}").FullName;
                if (Enables(folder))
                {
                    return folder;
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Not ours to write: the next one, or no limits, as the runtime's description then says.
            }
        }

        return null;
    }

    private static bool Enables(string folder)
    {
        var control = folder + "/cgroup.subtree_control";
        if (ProcFile.Read(control) is not { } text)
        {
            return false;
        }

        var enabled = Encoding.UTF8.GetString(text).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return Controllers.All(enabled.Contains)
            || ProcFile.Write(control, Encoding.UTF8.GetBytes(string.Join(' ', Controllers.Select(c => string.Create(CultureInfo.InvariantCulture, $"+{c}")))));
    }
}
