using Microsoft.Win32.SafeHandles;

namespace Dispatch.Runtimes.Host;

/// <summary>Whose a folder of cgroups is: its owner has a lock on it as long as it lives, so that the folders of owners that were killed can be told and removed.</summary>
internal sealed class CgroupOwner : IDisposable
{
    private const int TakesMax = 3;

    private readonly SafeFileHandle _folder;

    private CgroupOwner(SafeFileHandle folder) => _folder = folder;

    /// <summary>Makes the folder where it is missing, and takes it; null where another has it.</summary>
    internal static CgroupOwner? Take(string folder)
    {
        for (var take = 0; take < TakesMax; take++)
        {
            Directory.CreateDirectory(folder);
            if (OwnFiles.OpenFolderToLock(folder) is not { } handle)
            {
                continue;
            }

            // Between making and locking, somebody may have removed it as one without an owner.
            if (OwnFiles.TryLock(handle) && Directory.Exists(folder))
            {
                return new CgroupOwner(handle);
            }

            handle.Dispose();
        }

        return null;
    }

    /// <summary>Removes a folder whose owner is dead, with what is empty in it; where a process is inside it stays.</summary>
    internal static void RemoveAbandoned(string folder)
    {
        using var handle = OwnFiles.OpenFolderToLock(folder);
        if (handle is null || !OwnFiles.TryLock(handle))
        {
            return;
        }

        foreach (var attempt in AttemptCgroup.FoldersIn(folder))
        {
            AttemptCgroup.TryRemoveFolder(attempt);
        }

        AttemptCgroup.TryRemoveFolder(folder);
    }

    public void Dispose() => _folder.Dispose();
}
