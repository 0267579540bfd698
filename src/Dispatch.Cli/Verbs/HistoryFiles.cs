using Dispatch.Contracts.Http;
using Dispatch.Contracts.Operations;
using Dispatch.Workflows.Replay;
using Temporalio.Common;

namespace Dispatch.Cli.Verbs;

/// <summary>Reads saved histories for the verbs that take files.</summary>
internal static class HistoryFiles
{
    /// <summary>A history file larger than this is not read.</summary>
    internal const long FileBytesMax = 256L << 20;

    /// <summary>What a path stands for: itself, or what ends with .json in the folder that it names and in the folders below: first a folder's files by name, then its folders. Links to folders are
    /// not followed: what they lead to may be in the list already, or hold them.</summary>
    public static IReadOnlyList<NamedHistory> Named(string path)
    {
        if (!Directory.Exists(path))
            return [new(path)];
        var found = Below(path).ToList();
        return found.Exists(history => history.Note is null) ? found : [.. found, new(path, Fault: $"{path}: neither this folder nor one below has a file that ends with .json")];
    }

    private static List<NamedHistory> Below(string folder)
    {
        FileSystemInfo[] entries;
        try
        {
            entries = [.. new DirectoryInfo(folder).GetFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [new(folder, Fault: $"{folder}: cannot be read: {e.Message}")];
        }

        return
        [
            .. entries.OfType<FileInfo>().Where(file => file.Name.EndsWith(".json", StringComparison.Ordinal)).Select(file => new NamedHistory(Path.Combine(folder, file.Name))),
            .. entries.OfType<DirectoryInfo>().Select(below => (Path: Path.Combine(folder, below.Name), IsLink: below.LinkTarget is not null)).SelectMany(below => below.IsLink
                ? [new NamedHistory(below.Path, Note: $"{below.Path}: is a link to a folder and was not followed; name it by itself if it is meant")]
                : Below(below.Path)),
        ];
    }

    /// <summary>Reads one history.</summary>
    public static WorkflowHistory Read(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > FileBytesMax } large)
                throw new CliException($"{path}: has {large.Length} bytes; a history of a job is far below {FileBytesMax}");
            return HistoryFile.Read(File.ReadAllText(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException($"{path}: there is no such file or folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{path}: cannot be read: {e.Message}");
        }
        catch (FormatException e)
        {
            throw new CliException($"{path}: {e.Message} `temporal workflow show --output json` saves one.");
        }
    }

    /// <summary>The operations of a saved history.</summary>
    public static OperationsView Operations(string path)
    {
        var folded = Fold(path);
        if (folded.Problems.Count > 0)
            throw new CliException($"{path}: {string.Join("; ", folded.Problems)}", ExitCodes.Failure);
        return new(folded.List, folded.List is [.., { Kind: OperationKind.ConversationClosed }]);
    }

    private static FoldedOperations Fold(string path)
    {
        try
        {
            return HistoryOperations.OfJob(Read(path));
        }
        catch (FormatException e)
        {
            throw new CliException($"{path}: {e.Message}");
        }
    }
}
