using System.Text;

namespace Dispatch.Runtimes.Host;

/// <summary>Finds the cgroup by which all of a container can be ended when its runtime does not answer.</summary>
public static class HostCgroup
{
    private const string Mount = "/sys/fs/cgroup";

    /// <summary>The folder of a process's cgroup.</summary>
    /// <param name="pid">The container's main process on this host.</param>
    /// <returns>An absolute path; null where there is none of its own: not found, the root, or the one that the caller itself is in.</returns>
    public static string? FolderOf(int pid)
    {
        var own = Paths(Environment.ProcessId);
        foreach (var (controller, path) in Paths(pid))
        {
            var isShared = path == "/" || (own.TryGetValue(controller, out var ours) && (ours == path || ours.StartsWith(path + "/", StringComparison.Ordinal)));
            var folder = controller.Length == 0 ? Mount + path : $"{Mount}/{controller}{path}";
            if (!isShared && controller is ("" or "pids" or "memory") && File.Exists(folder + "/cgroup.procs"))
            {
                return folder;
            }
        }

        return null;
    }

    private static Dictionary<string, string> Paths(int pid)
    {
        var paths = new Dictionary<string, string>();
        if (ProcFile.Read($"/proc/{pid}/cgroup") is { } text)
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
}
