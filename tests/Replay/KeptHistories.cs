using Dispatch.Contracts.Operations;
using Dispatch.Workflows.Replay;
using Temporalio.Common;

namespace Dispatch.Replay.Tests;

/// <summary>The histories that are kept. Each is replayed once, as many at a time as there are processors.</summary>
internal static class KeptHistories
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "histories");
    private static readonly SemaphoreSlim Room = new(Environment.ProcessorCount);

    /// <summary>Their names, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.GetFiles(Folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    private static readonly Dictionary<string, Task<ReplayOutcome>> Replays = Names.ToDictionary(name => name, StartAsync);

    /// <summary>Reads one anew: a test may alter what it gets.</summary>
    public static WorkflowHistory Read(string name) => HistoryFile.Read(File.ReadAllText(Path.Combine(Folder, $"{name}.json")));

    /// <summary>What the replay of one found.</summary>
    public static Task<ReplayOutcome> ReplayAsync(string name) => Replays[name];

    /// <summary>What happens in one, by its operations: <c>Opened Selected(1,w1) Sent(1.1) Received(1) Closed(WorkloadExited)</c>.</summary>
    public static async Task<string> StepsAsync(string name) => string.Join(' ', (await ReplayAsync(name)).Operations.Select(Short));

    private static async Task<ReplayOutcome> StartAsync(string name)
    {
        await Room.WaitAsync();
        try
        {
            return await Task.Run(() => JobReplayer.ReplayAsync(Read(name)));
        }
        finally
        {
            Room.Release();
        }
    }

    private static string Short(Operation op) => op.Kind switch
    {
        OperationKind.ConversationOpened => "Opened",
        OperationKind.WorkerSelected => $"Selected({op.Attempt},{op.Worker})",
        OperationKind.MessageSent => $"Sent({op.Attempt}.{op.Delivery})",
        OperationKind.MessageReceived => $"Received({op.Attempt}{(op.Error is null ? "" : $",{op.Error}")})",
        OperationKind.WorkerExited => $"Exited({op.Attempt},{op.Cause})",
        _ => $"Closed({op.Reason})",
    };
}
