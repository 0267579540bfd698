using System.Text.Json.Nodes;
using Temporalio.Api.History.V1;
using Temporalio.Common;

namespace Dispatch.Interop.Tests.Recordings;

/// <summary>One recorded scenario: the runs that an official SDK left on the real server, and what its client saw.</summary>
internal sealed record Recorded(string Name, IReadOnlyList<RecordedRun> Runs, JsonObject Seen)
{
    /// <summary>Where the recordings are: <c>RECORDINGS</c>, relative to the repository's root, which defaults to <c>../shared/truth</c>.</summary>
    public static string Folder { get; } = Path.Combine(
        Path.GetFullPath(Environment.GetEnvironmentVariable("RECORDINGS") is { Length: > 0 } set ? set : "../shared/truth", Root()), "histories");

    /// <summary>Why the scenarios cannot be played; null where they can. On CI nothing is skipped: there a missing recording fails.</summary>
    public static string? Missing { get; } = Directory.Exists(Folder) || Environment.GetEnvironmentVariable("CI") is { Length: > 0 }
        ? null
        : $"THE RECORDINGS OF THE REAL SERVER ARE NOT AT {Folder}. Set RECORDINGS to the folder that holds histories/.";

    /// <summary>The names of all recorded scenarios.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>Reads a scenario.</summary>
    public static Recorded Read(string name)
    {
        var folder = Path.Combine(Folder, name);
        Assert.True(Directory.Exists(folder), $"There is no recording {folder}. Set RECORDINGS to the folder that holds histories/.");
        var seen = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "result.json")))!;
        var runs = seen["runs"]?.AsArray().Select(run => RecordedRun.Read(folder, (JsonObject)run!)).ToArray() ?? [];
        return new(name, runs, seen);
    }

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Dispatch.sln")))
                return at.FullName;
        }

        throw new InvalidOperationException("Dispatch.sln is not above the tests' folder");
    }
}

/// <summary>The history of one recorded run.</summary>
internal sealed record RecordedRun(string File, string WorkflowId, JsonArray Raw, IReadOnlyList<HistoryEvent> Events)
{
    public static RecordedRun Read(string folder, JsonObject run)
    {
        var file = (string)run["file"]!;
        var text = System.IO.File.ReadAllText(Path.Combine(folder, file));
        var id = (string)run["workflowId"]!;
        return new(file, id, JsonNode.Parse(text)!["events"]!.AsArray(), [.. WorkflowHistory.FromJson(id, text).Events]);
    }
}
