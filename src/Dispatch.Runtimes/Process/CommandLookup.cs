using Dispatch.Runtimes.Host;

namespace Dispatch.Runtimes.Process;

/// <summary>Finds the file of a command the way a shell would, before anything is started, so that what is missing is named exactly.</summary>
internal static class CommandLookup
{
    /// <summary>Finds the file.</summary>
    /// <param name="command">The zeroth argument.</param>
    /// <param name="path">The value of PATH.</param>
    /// <param name="workingDirectory">Where relative names start.</param>
    /// <param name="problem">What is wrong, where null is returned.</param>
    internal static string? Find(string command, string path, string workingDirectory, out string problem)
    {
        problem = "";
        if (command.Length == 0)
        {
            problem = "command: its first word is empty";
            return null;
        }

        if (command.Contains('/', StringComparison.Ordinal))
        {
            var file = Path.Combine(workingDirectory, command);
            problem = Refusal(command, file) ?? "";
            return problem.Length == 0 ? file : null;
        }

        string? refusal = null;
        foreach (var folder in path.Split(':'))
        {
            var file = Path.Combine(workingDirectory, folder, command);
            if (!Exists(file))
            {
                continue;
            }

            if (Refusal(command, file) is not { } found)
            {
                return file;
            }

            refusal ??= found;
        }

        problem = refusal ?? $"command '{command}' was not found in PATH ({path})";
        return null;
    }

    private static string? Refusal(string command, string file)
    {
        if (Directory.Exists(file))
        {
            return $"command '{command}' is a folder ({file})";
        }

        if (!Exists(file))
        {
            return $"command '{command}' was not found";
        }

        return LibC.access(file, LinuxNumbers.X_OK) == 0 ? null : $"command '{command}' is not executable ({file})";
    }

    private static bool Exists(string file) => LibC.access(file, 0) == 0;
}
