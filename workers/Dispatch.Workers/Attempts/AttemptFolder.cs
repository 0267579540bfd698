using System.Globalization;
using Dispatch.Contracts.Ids;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers.Attempts;

/// <summary>One attempt on the worker's disk: its folder, and in it the journal of what must not be forgotten.</summary>
/// <param name="path">The attempt's folder.</param>
internal sealed class AttemptFolder(string path)
{
    private readonly Journal<AttemptLine> journal = new(Path.Combine(path, "attempt.jsonl"), Shorten);

    internal string FullPath { get; } = path;

    /// <summary>Captured output.</summary>
    internal string LogFolder => Path.Combine(FullPath, "log");

    /// <summary>Whether any output was captured.</summary>
    internal bool HasOutput => Directory.Exists(LogFolder) && new DirectoryInfo(LogFolder).EnumerateFiles().Any(file => file.Length > 0);

    /// <summary>Writes intent, lease and token; after it returned they survive a power cut.</summary>
    internal void Begin(AttemptIntent intent)
    {
        Directory.CreateDirectory(FullPath);
        journal.Append(new() { Intent = intent }, durable: true);
    }

    /// <summary>Writes the token of a later delivery; after it returned it survives a power cut.</summary>
    internal void WriteToken(ActivityToken token) => journal.Append(new() { Token = token }, durable: true);

    /// <summary>Writes what has changed of the attempt.</summary>
    internal void WriteNotes(AttemptNotes notes, bool durable) => journal.Append(new() { Notes = notes }, durable);

    /// <summary>Writes the report; after it returned it survives a power cut.</summary>
    internal void WriteReport(AttemptReport report) => journal.Append(new() { Report = report }, durable: true);

    /// <summary>What was written last of each; without an intent where the crash came before it was whole: then nothing was started.</summary>
    internal AttemptLine Read() => Latest(journal.Read());

    /// <summary>A file name for any id: what is no letter, digit, dot, dash or underscore is written as its code.</summary>
    internal static string NameOf(LeaseId lease)
    {
        var name = new System.Text.StringBuilder();
        foreach (var character in lease.Value)
        {
            if (char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_')
            {
                name.Append(character);
            }
            else
            {
                name.Append(CultureInfo.InvariantCulture, $"%{(int)character:x4}");
            }
        }

        return name.Length > 0 && name[0] == '.' ? "%" + name : name.ToString();
    }

    private static AttemptLine Latest(IEnumerable<AttemptLine> lines) => lines.Aggregate(new AttemptLine(), (latest, line) => new()
    {
        Intent = line.Intent ?? latest.Intent,
        Token = line.Token ?? latest.Token,
        Notes = line.Notes ?? latest.Notes,
        Report = line.Report ?? latest.Report,
    });

    private static IEnumerable<AttemptLine> Shorten(IEnumerable<AttemptLine> lines) => [Latest(lines)];
}

/// <summary>A line of an attempt's journal; what it does not speak of is null.</summary>
internal sealed record AttemptLine
{
    /// <summary>What is to be started, written before anything is.</summary>
    public AttemptIntent? Intent { get; init; }

    /// <summary>The token of a later delivery.</summary>
    public ActivityToken? Token { get; init; }

    /// <summary>What changed while it ran.</summary>
    public AttemptNotes? Notes { get; init; }

    /// <summary>What came of it.</summary>
    public AttemptReport? Report { get; init; }
}
