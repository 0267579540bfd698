using System.Text;

namespace Dispatch.Runtimes.Tests.Suite;

/// <summary>Looks at this machine's processes; a container's are among them.</summary>
internal static class HostProcesses
{
    internal static IReadOnlyList<int> WithArgument(string argument)
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            try
            {
                if (int.TryParse(Path.GetFileName(folder), out var pid) && Encoding.UTF8.GetString(File.ReadAllBytes(folder + "/cmdline")).Split('\0').Contains(argument))
                    found.Add(pid);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }

        return found;
    }
}
