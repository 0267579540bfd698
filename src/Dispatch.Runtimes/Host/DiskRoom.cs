namespace Dispatch.Runtimes.Host;

/// <summary>How much room the file system of an open file has, and how much of it output leaves to what must not be lost: journals, permissions, reports.</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeBytes">What is free to those who are not root.</param>
internal readonly record struct DiskRoom(long TotalBytes, long FreeBytes)
{
    /// <summary>Most that output leaves free.</summary>
    internal const long ReserveBytesMax = 64 << 20;

    /// <summary>Output leaves this part of a small file system free.</summary>
    internal const long ReserveParts = 16;

    /// <summary>What the output that a process writes leaves free.</summary>
    internal long ReserveBytes => Math.Min(ReserveBytesMax, TotalBytes / ReserveParts);

    /// <summary>What the captured copy leaves free: less, as it takes the place of what is given back for it.</summary>
    internal long CopyReserveBytes => ReserveBytes / 2;

    /// <summary>Whether there is so little left that output may be lost soon.</summary>
    internal bool IsTight => FreeBytes < 2 * ReserveBytes;

    /// <summary>Whether so many bytes may be written of what has to leave a reserve.</summary>
    internal bool Takes(long bytes, long reserveBytes) => FreeBytes - bytes >= reserveBytes;

    /// <summary>The room where an open file is; null where the file system does not say.</summary>
    internal static unsafe DiskRoom? Of(int file)
    {
        // Of struct statvfs (64 bit): f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, and more.
        var said = stackalloc ulong[32];
        return LibC.fstatvfs(file, said) == 0 && said[2] > 0 ? new((long)(said[1] * said[2]), (long)(said[1] * said[4])) : null;
    }

    /// <summary>Gives back what an open file takes between two offsets, its length left as it is; where the file system cannot, it stays.</summary>
    internal static void GiveBack(int file, long from, long to) =>
        _ = LibC.fallocate(file, LinuxNumbers.FALLOC_FL_KEEP_SIZE | LinuxNumbers.FALLOC_FL_PUNCH_HOLE, from, to - from);
}
