using Dispatch.Runtimes.Host;

namespace Dispatch.Workers;

/// <summary>This process's memory and environment, of which the worker token is a part.</summary>
public static class OwnMemory
{
    /// <summary>Keeps other processes of the same user, such as plain jobs, from reading them: <c>/proc/PID/environ</c> and <c>mem</c> are root's from now on, nobody else may trace
    /// this process, and it leaves no core file. Processes that it starts are as they would be. Root reads everything still.</summary>
    /// <exception cref="InvalidOperationException">The kernel refused.</exception>
    public static void Close()
    {
        if (LibC.prctl(LinuxNumbers.PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        {
            throw new InvalidOperationException($"This process cannot be kept from being read by others: {ProcessIdentity.LastError()}.");
        }
    }
}
