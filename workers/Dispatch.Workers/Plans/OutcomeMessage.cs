using System.Text;
using Dispatch.Runtimes.Process;

namespace Dispatch.Workers.Plans;

/// <summary>The line that a workload may leave in <c>$DISPATCH_OUTCOME</c>.</summary>
internal static class OutcomeMessage
{
    internal const string FileName = "outcome";

    /// <summary>Most characters of a message.</summary>
    internal const int CharactersMax = 1000;

    private const int BytesRead = 4 * CharactersMax;

    private const UnixFileMode WritableByAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The folder that a container gets for its outcome file.</summary>
    internal static string ContainerFolder(string attemptDirectory) => Path.Combine(Path.GetFullPath(attemptDirectory), "outcome");

    /// <summary>Makes the folder and an empty file that any user of the container may write.</summary>
    internal static void Prepare(string attemptDirectory)
    {
        var folder = ContainerFolder(attemptDirectory);
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
        {
            File.WriteAllBytes(file, []);
        }

        File.SetUnixFileMode(file, WritableByAll);
    }

    /// <summary>Reads the first line, bounded; null where there is none. A link that the workload put there is not followed.</summary>
    internal static async Task<string?> ReadAsync(string attemptDirectory, bool isProcess, CancellationToken cancellationToken)
    {
        var file = new FileInfo(isProcess ? ProcessLayout.OutcomeFile(attemptDirectory) : Path.Combine(ContainerFolder(attemptDirectory), FileName));
        try
        {
            if (!file.Exists || file.LinkTarget is not null || file.Length == 0)
            {
                // Pipes and devices have no length either: they are never opened.
                return null;
            }

            using var handle = File.OpenHandle(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[BytesRead];
            var count = await RandomAccess.ReadAsync(handle, bytes, 0, cancellationToken).ConfigureAwait(false);
            return Line(Encoding.UTF8.GetString(bytes, 0, count));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The workload may do with its file what it likes; then it has said nothing.
            return null;
        }
    }

    /// <summary>The first line of a text, without control characters, at most <see cref="CharactersMax"/> characters.</summary>
    internal static string? Line(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        var line = new string([.. (end < 0 ? text : text[..end]).Where(character => !char.IsControl(character))]).Trim();
        if (line.Length > CharactersMax)
        {
            line = line[..(char.IsHighSurrogate(line[CharactersMax - 1]) ? CharactersMax - 1 : CharactersMax)];
        }

        return line.Length == 0 ? null : line;
    }
}
