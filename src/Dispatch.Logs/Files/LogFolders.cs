using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Logs;

namespace Dispatch.Logs.Files;

/// <summary>The folders of logs: <c>root/job/attempt-n-conversation</c>. Ids are free text, so what a folder is named after one is a readable beginning and a hash.</summary>
internal static class LogFolders
{
    private const int ReadableCharacters = 40;
    private const int HashDigits = 32;
    private const string KeyFile = "log.json";
    private const string CompleteFile = "complete";

    public static string OfJob(string root, JobId job) => Path.Combine(root, NameOf(job.Value));

    public static string Of(string root, LogKey key) => Path.Combine(
        OfJob(root, key.Job), string.Create(CultureInfo.InvariantCulture, $"attempt-{key.Attempt}-{NameOf(key.Conversation.Value)}"));

    /// <summary>Makes a log's folder and writes into it whose it is: one that is to stay without a byte is complete with the same file.</summary>
    public static void Create(string folder, LogIdentity identity, bool complete)
    {
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, KeyFile + ".new");
        File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(identity, DispatchJson.Options));
        File.Move(temporary, Path.Combine(folder, complete ? CompleteFile : KeyFile), overwrite: true);
    }

    /// <summary>Whose folder it is; null where it does not say.</summary>
    public static LogIdentity? Identify(string folder) => Read(Path.Combine(folder, KeyFile)) ?? Read(Path.Combine(folder, CompleteFile));

    /// <summary>When the log was completed; null while it is not.</summary>
    public static DateTimeOffset? CompletedAt(string folder)
    {
        var marker = new FileInfo(Path.Combine(folder, CompleteFile));
        return marker.Exists ? marker.LastWriteTimeUtc : null;
    }

    public static void MarkComplete(string folder, bool durable)
    {
        using var marker = File.OpenHandle(Path.Combine(folder, CompleteFile), FileMode.OpenOrCreate, FileAccess.Write);
        if (durable)
            RandomAccess.FlushToDisk(marker);
    }

    /// <summary>Whether a log's folder is as a state says: each change of it ends in its index, or in its completion.</summary>
    public static bool IsAsSeen(string folder, LogState state)
    {
        if (File.Exists(Path.Combine(folder, CompleteFile)) != state.Complete)
            return false;
        if (state.Index.IsEmpty)
            return Directory.Exists(folder) && !Directory.EnumerateFiles(folder, SegmentFiles.IndexPattern).Any();
        var last = state.Index[^1];
        var file = new FileInfo(SegmentFiles.IndexPath(folder, last.Number));
        return file.Exists && file.Length == SegmentFiles.IndexHeaderSize + ((long)last.Entries * IndexEntry.Size) && !File.Exists(SegmentFiles.IndexPath(folder, last.Number + 1));
    }

    private static LogIdentity? Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<LogIdentity>(File.ReadAllBytes(file), DispatchJson.Options) : null;
        }
        catch (Exception unreadable) when (unreadable is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static string NameOf(string id)
    {
        var readable = id.Length > ReadableCharacters ? id[..ReadableCharacters] : id;
        var name = new StringBuilder(ReadableCharacters + 1 + HashDigits);
        foreach (var c in readable)
            name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_');
        var hash = SHA256.HashData(Encoding.Unicode.GetBytes(id));
        return name.Append('-').Append(Convert.ToHexStringLower(hash).AsSpan(0, HashDigits)).ToString();
    }
}

/// <summary>Whose log a folder holds.</summary>
/// <param name="Job">The job.</param>
/// <param name="Conversation">The conversation.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="CreatedAt">When the folder was made, UTC.</param>
internal sealed record LogIdentity(JobId Job, ConversationId Conversation, int Attempt, DateTimeOffset CreatedAt)
{
    public LogKey Key => new(Job, Conversation, Attempt);
}
