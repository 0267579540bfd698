using System.Buffers.Binary;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>Tells whether a folder is like one just made by this process: whatever a job may have left of itself in it or on it would be another job's to find.</summary>
internal static unsafe class FreshFolder
{
    /// <summary>The rights of a folder that only its owner may use.</summary>
    internal const UnixFileMode Rights = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Of struct statx, which is the same on all machines.
    private const int StatBytes = 256, BasicStats = 0x7FF, Attributes = 8, Owner = 20, Mode = 28, DirectoryMode = 0x4000;

    /// <summary>Whether it is a folder of this process's user with <see cref="Rights"/> and nothing in it but entries of these names; no mount, no attribute (<c>chattr</c>), no access list.</summary>
    internal static bool Is(string path, params ReadOnlySpan<string> names)
    {
        var said = stackalloc byte[StatBytes];
        var stat = new ReadOnlySpan<byte>(said, StatBytes);
        if (LibC.statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, BasicStats, said) != 0
            || BinaryPrimitives.ReadUInt16LittleEndian(stat[Mode..]) != (DirectoryMode | (int)Rights)
            || BinaryPrimitives.ReadUInt32LittleEndian(stat[Owner..]) != LibC.geteuid()
            || BinaryPrimitives.ReadUInt64LittleEndian(stat[Attributes..]) != 0
            || LibC.llistxattr(path, null, 0) > 0)
        {
            return false;
        }

        var found = 0;
        foreach (var entry in Directory.EnumerateFileSystemEntries(path))
        {
            if (!names.Contains(Path.GetFileName(entry)))
            {
                return false;
            }

            found++;
        }

        return found == names.Length;
    }
}
