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

    /// <summary>The files that a path stands for: itself, or what ends with .json in the folder that it names, by name.</summary>
    public static IEnumerable<string> Named(string path)
    {
        if (!Directory.Exists(path))
            return [path];
        var files = Directory.GetFiles(path, "*.json").Order(StringComparer.Ordinal).ToArray();
        return files.Length > 0 ? files : throw new CliException($"{path}: this folder has no file that ends with .json");
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
