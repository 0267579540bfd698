namespace Dispatch.Workers.Attempts;

/// <summary>Removes a folder with all that is in it, whatever mode bits a workload has set on its own folders.</summary>
internal static class FolderRemoval
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly EnumerationOptions Entries = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    /// <summary>Removes it; one that is not there is no error.</summary>
    internal static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (UnauthorizedAccessException)
        {
            Open(folder);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Makes folders passable from the top down; links are not followed.</summary>
    private static void Open(string folder)
    {
        var pending = new Stack<DirectoryInfo>([new DirectoryInfo(folder)]);
        while (pending.TryPop(out var next))
        {
            if ((next.UnixFileMode & Owner) != Owner)
            {
                next.UnixFileMode |= Owner;
            }

            foreach (var inner in next.EnumerateDirectories("*", Entries))
            {
                if (inner.LinkTarget is null)
                {
                    pending.Push(inner);
                }
            }
        }
    }
}
