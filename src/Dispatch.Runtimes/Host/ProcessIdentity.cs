using System.Runtime.InteropServices;

namespace Dispatch.Runtimes.Host;

/// <summary>A process, told apart from a later one with the same number by its start time.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="StartTicks">When it started, in clock ticks since boot, as <c>/proc/PID/stat</c> says (field 22).</param>
public readonly record struct ProcessIdentity(int Pid, long StartTicks)
{
    /// <summary>Whether this very process still runs; one that has ended and waits to be reaped does not.</summary>
    public bool IsRunning => ProcStat.Read(Pid) is { } stat && stat.StartTicks == StartTicks && !stat.HasEnded;

    /// <summary>Looks a process up.</summary>
    /// <param name="pid">Its id.</param>
    /// <returns>Its identity, or null where there is none.</returns>
    public static ProcessIdentity? Of(int pid) => ProcStat.Read(pid) is { } stat ? new ProcessIdentity(pid, stat.StartTicks) : null;

    /// <summary>Sends a signal to this very process.</summary>
    /// <param name="signal">The signal's number.</param>
    /// <returns>False when it no longer runs or may not be signalled.</returns>
    public bool Signal(int signal) => Pid > 0 && IsRunning && LibC.kill(Pid, signal) == 0;

    /// <summary>The text of the C library's last error on this thread.</summary>
    internal static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
}
