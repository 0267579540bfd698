using System.Runtime.InteropServices;
using System.Text;
using static Dispatch.Runtimes.Host.LinuxNumbers;

namespace Dispatch.Runtimes.Host;

/// <summary>Deletes a folder with all that is in it, whatever modes, names and depth a job gave it. Follows no link.</summary>
/// <remarks>Names are bytes, so that one that is no UTF-8 goes too; folders deeper than <see cref="DepthMax"/> are first moved up, so that few files are open at once.</remarks>
internal static unsafe class TreeRemover
{
    private const int DepthMax = 64, PassesMax = 10_000, NameOffset = 19;

    /// <summary>Deletes; nothing there is success.</summary>
    /// <exception cref="IOException">Something cannot be deleted; the text names the folder and the reason.</exception>
    internal static void Remove(string path)
    {
        var folder = Name(Encoding.UTF8.GetBytes(path));
        int error;
        fixed (byte* name = folder)
        {
            if (LibC.unlinkat(AT_FDCWD, name, 0) == 0 || (error = Marshal.GetLastPInvokeError()) is ENOENT or ENOTDIR)
            {
                return;
            }

            var directory = OpenFolder(AT_FDCWD, name);
            if (directory < 0)
            {
                throw Failure(path, Marshal.GetLastPInvokeError());
            }

            try
            {
                error = 0;
                for (var pass = 0; pass < PassesMax; pass++)
                {
                    var moved = 0;
                    error = RemoveContents(directory, directory, 0, ref moved);
                    if (error == 0 && moved == 0)
                    {
                        break;
                    }
                }
            }
            finally
            {
                _ = LibC.close(directory);
            }

            if (LibC.unlinkat(AT_FDCWD, name, AT_REMOVEDIR) != 0 && Marshal.GetLastPInvokeError() != ENOENT)
            {
                throw Failure(path, error == 0 ? Marshal.GetLastPInvokeError() : error);
            }
        }
    }

    private static int RemoveContents(int directory, int root, int depth, ref int moved)
    {
        var problem = 0;
        foreach (var entry in Entries(directory))
        {
            fixed (byte* name = entry)
            {
                if (LibC.unlinkat(directory, name, 0) == 0)
                {
                    continue;
                }

                var error = Marshal.GetLastPInvokeError();
                if (error is ENOENT)
                {
                    continue;
                }

                if (depth >= DepthMax)
                {
                    var up = Name(Encoding.ASCII.GetBytes($".deep-{Guid.NewGuid():N}"));
                    fixed (byte* upName = up)
                    {
                        if (LibC.renameat(directory, name, root, upName) == 0)
                        {
                            moved++;
                            continue;
                        }
                    }
                }

                var child = OpenFolder(directory, name);
                if (child < 0)
                {
                    problem = error;
                    continue;
                }

                var inner = RemoveContents(child, root, depth + 1, ref moved);
                _ = LibC.close(child);
                if (LibC.unlinkat(directory, name, AT_REMOVEDIR) != 0 && Marshal.GetLastPInvokeError() is not ENOENT)
                {
                    problem = inner == 0 ? Marshal.GetLastPInvokeError() : inner;
                }
            }
        }

        return problem;
    }

    /// <summary>Opens a folder, after giving its owner every right to it.</summary>
    private static int OpenFolder(int parent, byte* name)
    {
        var flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        var fd = LibC.openat(parent, name, flags, 0);
        if (fd < 0 && Marshal.GetLastPInvokeError() == EACCES && LibC.fchmodat(parent, name, 0x1C0, 0) == 0)
        {
            fd = LibC.openat(parent, name, flags, 0);
        }

        if (fd >= 0)
        {
            _ = LibC.fchmod(fd, 0x1C0);
        }

        return fd;
    }

    /// <summary>The names in a folder, each with a zero at its end, read whole before anything is deleted.</summary>
    private static List<byte[]> Entries(int directory)
    {
        var names = new List<byte[]>();
        var dot = ". "u8.ToArray();
        dot[1] = 0;
        int copy;
        fixed (byte* self = dot)
        {
            copy = LibC.openat(directory, self, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
        }

        var stream = copy < 0 ? 0 : LibC.fdopendir(copy);
        if (stream == 0)
        {
            return names;
        }

        for (var entry = LibC.readdir(stream); entry is not null; entry = LibC.readdir(stream))
        {
            var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameOffset);
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                names.Add(Name(name));
            }
        }

        _ = LibC.closedir(stream);
        return names;
    }

    private static byte[] Name(ReadOnlySpan<byte> text) => [.. text, 0];

    private static IOException Failure(string path, int error) =>
        new($"The folder {path} cannot be deleted: {Marshal.GetPInvokeErrorMessage(error)}.");
}
