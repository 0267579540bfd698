using System.Collections.Concurrent;
using Dispatch.Runtimes.Host;

namespace Dispatch.Runtimes.Process;

/// <summary>The folders of processes that have ended and left nothing in them, kept for the next: to make and delete three folders can take a file system longer than a short job runs.</summary>
/// <remarks>Only what is like new at that moment is handed out (<see cref="FreshFolder"/>), whoever put it here and whatever was done to it since; all else is deleted.</remarks>
/// <param name="parent">Where they are kept.</param>
internal sealed class SpareFolders(string parent)
{
    /// <summary>Most that are kept; more than end at about the same time are deleted.</summary>
    internal const int KeptMax = 64;

    private readonly ConcurrentQueue<string> _kept = new(Directory.Exists(parent) ? Directory.EnumerateDirectories(parent) : []);

    /// <summary>Makes the folder of a process, with those in it; one that is there already is completed.</summary>
    internal void Make(string folder)
    {
        while (_kept.TryDequeue(out var spare))
        {
            if (IsFresh(spare) && !Directory.Exists(folder))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
                Directory.Move(spare, folder);
                return;
            }

            TreeRemover.Remove(spare);
        }

        Directory.CreateDirectory(folder, FreshFolder.Rights);
        foreach (var inner in ProcessLayout.Inner)
        {
            Directory.CreateDirectory(Path.Combine(folder, inner), FreshFolder.Rights);
        }
    }

    /// <summary>Takes away the folder of a process of which nothing runs any more.</summary>
    /// <exception cref="IOException">Something in it cannot be deleted.</exception>
    internal void Remove(string folder)
    {
        foreach (var file in ProcessLayout.Files(folder).Where(File.Exists))
        {
            File.Delete(file);
        }

        if (_kept.Count < KeptMax && IsFresh(folder))
        {
            Directory.CreateDirectory(parent, FreshFolder.Rights);
            var spare = Path.Combine(parent, Guid.NewGuid().ToString("N"));
            Directory.Move(folder, spare);
            _kept.Enqueue(spare);
        }
        else
        {
            TreeRemover.Remove(folder);
        }
    }

    private static bool IsFresh(string folder) =>
        FreshFolder.Is(folder, ProcessLayout.Inner) && ProcessLayout.Inner.All(inner => FreshFolder.Is(Path.Combine(folder, inner)));
}
