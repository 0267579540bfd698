using System.Text.Json;
using Dispatch.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Dispatch.Workers.Attempts;

/// <summary>Writes small files whole: under another name first, then renamed, so that a reader sees the old or the new content and never a part.</summary>
internal static class DurableFile
{
    private const string UnderWay = ".part";

    /// <summary>How a file is opened that only its owner may read: specs may hold what nobody else should see, and jobs may run as other users of the host.</summary>
    internal static FileStreamOptions OwnersOnly(FileMode mode) => new()
    {
        Mode = mode,
        Access = FileAccess.Write,
        Share = FileShare.Read,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };

    /// <summary>Writes a value as JSON.</summary>
    /// <param name="path">The file.</param>
    /// <param name="value">The value.</param>
    /// <param name="durable">Whether file and folder are flushed to the disk before the call returns.</param>
    internal static void WriteJson<T>(string path, T value, bool durable) => Write(path, JsonSerializer.SerializeToUtf8Bytes(value, DispatchJson.Options), durable);

    /// <summary>Writes bytes.</summary>
    internal static void Write(string path, ReadOnlySpan<byte> content, bool durable)
    {
        var part = path + UnderWay;
        using (var file = new FileStream(part, OwnersOnly(FileMode.Create)))
        {
            RandomAccess.Write(file.SafeFileHandle, content, 0);
            if (durable)
            {
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
        }

        File.Move(part, path, overwrite: true);
        if (durable)
        {
            FlushFolder(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Reads a value, or null where there is no such file.</summary>
    internal static T? ReadJson<T>(string path)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), DispatchJson.Options);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Flushes a folder's entries to the disk.</summary>
    internal static void FlushFolder(string folder)
    {
        using SafeFileHandle handle = FolderHandle.Open(folder);
        FolderHandle.Flush(handle, folder);
    }
}
