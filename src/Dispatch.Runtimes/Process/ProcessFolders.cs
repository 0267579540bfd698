using Dispatch.Runtimes.Host;

namespace Dispatch.Runtimes.Process;

/// <summary>Makes the folders and files that a process is started with.</summary>
internal static class ProcessFolders
{
    /// <summary>Others may pass through, so that a process of another user reaches its work folder, but see nothing.</summary>
    private const UnixFileMode Passage = FreshFolder.Rights | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    internal static async Task MakeAsync(ProcessRecord record, ReadOnlyMemory<byte> stdin, SpareFolders spares, CancellationToken cancellationToken)
    {
        spares.Make(record.Place.Folder);
        if (!stdin.IsEmpty)
        {
            await WriteAsync(ProcessLayout.Stdin(record.Place.Folder), stdin, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the way for a process of another user, and gives it what it may write to.</summary>
    internal static void GiveTo(Credentials user, ProcessRecord record)
    {
        File.SetUnixFileMode(record.Place.Folder, Passage);
        var outcome = ProcessLayout.OutcomeFile(record.AttemptDirectory);
        File.OpenHandle(outcome, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
        File.SetUnixFileMode(outcome, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var path in new[] { ProcessLayout.WorkFolder(record.AttemptDirectory), ProcessLayout.TemporaryFolder(record.Place.Folder), outcome })
        {
            _ = LibC.chown(path, user.User, user.Group);
        }
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        var stream = new FileStream(path, options);
        await using (stream.ConfigureAwait(false))
        {
            await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
    }
}
