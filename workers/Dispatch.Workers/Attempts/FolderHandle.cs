using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Workers.Attempts;

/// <summary>An open folder, which .NET itself does not hand out: only so can its entries be flushed to the disk.</summary>
internal static partial class FolderHandle
{
    private const int ReadOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;

    internal static SafeFileHandle Open(string folder)
    {
        var descriptor = NativeOpen(folder, ReadOnlyDirectoryCloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new IOException($"The folder '{folder}' cannot be opened (errno {Marshal.GetLastPInvokeError()}).");
    }

    internal static void Flush(SafeFileHandle handle, string folder)
    {
        if (NativeFlush(handle) != 0)
        {
            throw new IOException($"The folder '{folder}' cannot be flushed to the disk (errno {Marshal.GetLastPInvokeError()}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int NativeFlush(SafeFileHandle descriptor);
}
