using System.Runtime.InteropServices;

namespace Dispatch.Runtimes.Host;

/// <summary>The numbers that a process runs under.</summary>
internal sealed record Credentials(uint User, uint Group, IReadOnlyList<uint> Groups)
{
    /// <summary>Whether this process may start others under any user.</summary>
    internal static bool CanSwitch => LibC.geteuid() == 0;

    /// <summary>Runs a piece of code on this thread under these numbers, and comes back. What the code starts keeps them for good: the saved user,
    /// by which this thread comes back, is replaced when a program is loaded.</summary>
    /// <remarks>The kernel keeps these numbers per thread; the C library's own members would change every thread, so its kernel calls are made directly.</remarks>
    internal unsafe T RunAs<T>(Func<T> code)
    {
        var groups = Groups.ToArray();
        fixed (uint* first = groups)
        {
            Require(LibC.syscall(LinuxNumbers.SyscallSetGroups, groups.Length, (nint)first, 0), "groups");
        }

        try
        {
            Require(LibC.syscall(LinuxNumbers.SyscallSetResGid, (nint)Group, (nint)Group, 0), "group");
            Require(LibC.syscall(LinuxNumbers.SyscallSetResUid, (nint)User, (nint)User, 0), "user");
            return code();
        }
        finally
        {
            var back = LibC.syscall(LinuxNumbers.SyscallSetResUid, 0, 0, 0) == 0
                && LibC.syscall(LinuxNumbers.SyscallSetResGid, 0, 0, 0) == 0
                && LibC.syscall(LinuxNumbers.SyscallSetGroups, 0, 0, 0) == 0;
            if (!back)
            {
                Environment.FailFast("A thread that started a process as another user could not come back to its own.");
            }
        }
    }

    private static void Require(nint answer, string what)
    {
        if (answer != 0)
        {
            throw new InvalidOperationException($"The {what} of the thread could not be set: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }
    }
}
