using System.Globalization;
using Dispatch.Contracts.Ids;
using Dispatch.Workers.Keeper;

namespace Dispatch.Workers.Attempts;

/// <summary>The files of one attempt on the worker's disk.</summary>
/// <param name="path">The attempt's folder.</param>
internal sealed class AttemptFolder(string path)
{
    internal string FullPath { get; } = path;

    /// <summary>Captured output.</summary>
    internal string LogFolder => Path.Combine(FullPath, "log");

    /// <summary>Whether any output was captured.</summary>
    internal bool HasOutput => Directory.Exists(LogFolder) && new DirectoryInfo(LogFolder).EnumerateFiles().Any(file => file.Length > 0);

    private string IntentFile => Path.Combine(FullPath, "intent.json");

    private string TokenFile => Path.Combine(FullPath, "token.json");

    private string NotesFile => Path.Combine(FullPath, "notes.json");

    private string ReportFile => Path.Combine(FullPath, "report.json");

    /// <summary>Writes intent, lease and token; after it returned they survive a power cut.</summary>
    internal void Begin(AttemptIntent intent)
    {
        Directory.CreateDirectory(FullPath);
        DurableFile.WriteNewJson(IntentFile, intent, durable: true);
    }

    /// <summary>The intent, or null where the crash came before it was whole: then nothing was started.</summary>
    internal AttemptIntent? ReadIntent() => DurableFile.ReadWholeJson<AttemptIntent>(IntentFile);

    /// <summary>Writes the token of a later delivery.</summary>
    internal void WriteToken(ActivityToken token) => DurableFile.WriteJson(TokenFile, token, durable: true);

    /// <summary>The token of a later delivery, or null.</summary>
    internal ActivityToken? ReadToken() => DurableFile.ReadJson<ActivityToken>(TokenFile);

    internal void WriteNotes(AttemptNotes notes, bool durable) => DurableFile.WriteJson(NotesFile, notes, durable);

    internal AttemptNotes? ReadNotes() => DurableFile.ReadJson<AttemptNotes>(NotesFile);

    /// <summary>Writes the report; after it returned it survives a power cut. One that is there already is written anew only where its first writing failed.</summary>
    internal void WriteReport(AttemptReport report) => DurableFile.WriteNewJson(ReportFile, report, durable: true);

    internal AttemptReport? ReadReport() => DurableFile.ReadWholeJson<AttemptReport>(ReportFile);

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
}
