using System.Globalization;
using Microsoft.Win32.SafeHandles;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>The open files of this process, and what it is to its descendants.</summary>
internal static class OwnFiles
{
    /// <summary>Marks every inherited file but the standard three as not to be inherited further; those of this process are so from the start.</summary>
    internal static void KeepFromChildren()
    {
        foreach (var link in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(link), NumberStyles.None, CultureInfo.InvariantCulture, out var fd) && fd > 2)
            {
                _ = LibC.fcntl(fd, F_SETFD, FD_CLOEXEC);
            }
        }
    }

    /// <summary>From now on orphaned descendants become children of this process.</summary>
    internal static void AdoptOrphans()
    {
        if (LibC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        {
            throw new InvalidOperationException($"Orphans cannot be adopted: {ProcessIdentity.LastError()}.");
        }
    }

    /// <summary>Opens a file for a child's standard stream; the number is above 2.</summary>
    internal static int Open(string path, bool append)
    {
        var fd = LibC.open(path, append ? O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0x180);
        return fd >= 0 ? fd : throw new IOException($"The file {path} cannot be opened: {ProcessIdentity.LastError()}.");
    }

    /// <summary>Opens a file that is to be locked; made where it is not there. (The members of .NET lock by themselves, and would be in the way.)</summary>
    internal static SafeFileHandle OpenToLock(string path)
    {
        var fd = LibC.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0x180);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : throw new IOException($"The file {path} cannot be opened: {ProcessIdentity.LastError()}.");
    }

    /// <summary>Opens a folder that is to be locked; null where it cannot be opened.</summary>
    internal static SafeFileHandle? OpenFolderToLock(string path)
    {
        var fd = LibC.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true) : null;
    }

    internal static void Close(int fd) => _ = LibC.close(fd);

    /// <summary>Takes the exclusive lock of an open file; false while another process has it.</summary>
    internal static bool TryLock(SafeFileHandle file) => LibC.flock((int)file.DangerousGetHandle(), LOCK_EX | LOCK_NB) == 0;
}
