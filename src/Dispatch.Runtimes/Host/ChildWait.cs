using System.Runtime.InteropServices;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>How a child ended.</summary>
/// <param name="Code">Exit code; 128 + n where signal n ended it.</param>
/// <param name="Signal">The signal, or null.</param>
/// <param name="CpuSeconds">CPU time of it and its reaped children.</param>
/// <param name="PeakMemoryBytes">The largest memory that one of them had.</param>
internal readonly record struct ChildEnd(int Code, int? Signal, double CpuSeconds, long PeakMemoryBytes);

/// <summary>Waits for children of this process in two steps, so that a child's number stays its own until the caller has noted its end.</summary>
internal static unsafe class ChildWait
{
    private const int InfoBytes = 128, InfoPidOffset = 16, UsageBytes = 144;

    /// <summary>Blocks until a child has ended and leaves it unreaped.</summary>
    /// <returns>Its id, or 0 where there is no child at all.</returns>
    internal static int NextEnded()
    {
        var info = stackalloc ulong[InfoBytes / sizeof(ulong)];
        while (LibC.waitid(P_ALL, 0, (byte*)info, WEXITED | WNOWAIT) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == ECHILD)
            {
                return 0;
            }

            if (error != EINTR)
            {
                throw new InvalidOperationException($"Children cannot be waited for: {Marshal.GetPInvokeErrorMessage(error)}.");
            }
        }

        return *(int*)((byte*)info + InfoPidOffset);
    }

    /// <summary>Reaps a child that has ended.</summary>
    /// <returns>How it ended, or null where it has not, or is no child.</returns>
    internal static ChildEnd? Reap(int pid, bool block = false)
    {
        int status;
        var usage = stackalloc ulong[UsageBytes / sizeof(ulong)];
        int reaped;
        do
        {
            reaped = LibC.wait4(pid, &status, block ? 0 : WNOHANG, (byte*)usage);
        }
        while (reaped < 0 && Marshal.GetLastPInvokeError() == EINTR);
        if (reaped != pid)
        {
            return null;
        }

        var numbers = (long*)usage;
        var cpu = numbers[0] + numbers[2] + ((numbers[1] + numbers[3]) / 1e6);
        var signal = status & 0x7F;
        return new ChildEnd(signal == 0 ? (status >> 8) & 0xFF : 128 + signal, signal == 0 ? null : signal, cpu, numbers[4] * 1024);
    }
}
