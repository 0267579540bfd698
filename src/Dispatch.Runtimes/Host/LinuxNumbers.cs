using System.Runtime.InteropServices;

namespace Dispatch.Runtimes.Host;

/// <summary>Numbers of the Linux interface; those that differ by architecture are chosen here.</summary>
internal static class LinuxNumbers
{
    internal const int ENOENT = 2, EINTR = 4, E2BIG = 7, ENOEXEC = 8, ECHILD = 10, EAGAIN = 11, ENOMEM = 12, EACCES = 13, EEXIST = 17, ENOTDIR = 20, EISDIR = 21,
        ENOSPC = 28, ENOTEMPTY = 39, EPERM = 1, ESRCH = 3, ELOOP = 40;

    internal const int SIGKILL = 9, SIGTERM = 15;

    internal const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_EXCL = 0x80, O_TRUNC = 0x200, O_APPEND = 0x400, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;

    internal const int F_SETFD = 2, F_SETFL = 4, FD_CLOEXEC = 1;

    internal const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200;

    internal const int X_OK = 1;

    internal const int FALLOC_FL_KEEP_SIZE = 1, FALLOC_FL_PUNCH_HOLE = 2;

    internal const int LOCK_EX = 2, LOCK_NB = 4;

    internal const int PR_SET_DUMPABLE = 4, PR_SET_CHILD_SUBREAPER = 36;

    internal const int CLOCK_BOOTTIME = 7;

    internal const int SYSLOG_ACTION_READ_ALL = 3, SYSLOG_ACTION_SIZE_BUFFER = 10;

    internal const int P_ALL = 0, P_PID = 1, WNOHANG = 1, WEXITED = 4, WNOWAIT = 0x1000000;

    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64;

    internal static int O_DIRECTORY => Arm ? 0x4000 : 0x10000;

    internal static int O_NOFOLLOW => Arm ? 0x8000 : 0x20000;

    internal static int SyscallSetGroups => Arm ? 159 : 116;

    internal static int SyscallSetResUid => Arm ? 147 : 117;

    internal static int SyscallSetResGid => Arm ? 149 : 119;

    /// <summary>The event structure of epoll is packed on x86-64 only.</summary>
    internal static int EpollEventBytes => Arm ? 16 : 12;

    internal static int EpollDataOffset => Arm ? 8 : 4;

    /// <summary>Longest single argument or environment entry, its end mark included: 32 pages.</summary>
    internal static int ArgumentBytesMax => 32 * Environment.SystemPageSize;
}
