using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;

namespace Registry.Suite;

/// <summary>What clients say to a registry.</summary>
public enum ModelCommand
{
    Ask,
    AskAtOnce,
    AskNext,
    AskFinal,
    AskGiveBack,
    AskPaused,
    Adopt,
    AskAdopted,
    Offer,
    Confirm,
    Renew,
    RenewNaming,
    Return,
    ReturnUnstarted,
    Settle,
    Register,
    Reboot,
    FallSilent,
    Expire,
    Lift,
    Wish,
    Unwish,
}

/// <summary>One command of one client.</summary>
/// <param name="Command">What.</param>
/// <param name="Job">Which job, 0…3.</param>
/// <param name="Worker">Which worker, 0…1.</param>
/// <param name="How">A number that the command makes of what it likes.</param>
public sealed record ModelStep(ModelCommand Command, int Job, int Worker, int How);

/// <summary>A registry with clients whose commands depend on nothing but what is in it: the same steps from the same rows are the same commands.</summary>
public sealed partial class ModelWorld
{
    private readonly Desk desk;
    private readonly Dictionary<string, string> known = [];

    private ModelWorld(Desk desk) => this.desk = desk;

    public static async Task<ModelWorld> OpenAsync(IRegistryMaker maker) => new(await Desk.OpenAsync(maker));

    /// <summary>Says several commands at once, each decided on what is there before, and gives what was answered, in the order of the steps.</summary>
    public async Task<IReadOnlyList<string>> SayAsync(IReadOnlyList<ModelStep> steps, bool together)
    {
        desk.Time.Advance(TimeSpan.FromMilliseconds(250));
        var calls = new List<Func<Task<string>>>();
        foreach (var step in steps) calls.Add(await PrepareAsync(step));
        if (together) return await Task.WhenAll(calls.Select(call => call()));
        var answers = new List<string>();
        foreach (var call in calls) answers.Add(await call());
        return answers;
    }

    /// <summary>All rows and all views as one text; leases are named by job and fence, rows without their numbers.</summary>
    public async Task<string> DumpAsync(IReadOnlyList<string> answers)
    {
        var jobs = (await desk.Registry.ListJobsAsync(new JobRowQuery { Limit = 1000 }, Desk.None)).Rows.OrderBy(row => row.Job.Value, StringComparer.Ordinal).ThenBy(row => row.Conversation.Value, StringComparer.Ordinal).ToArray();
        var workers = (await desk.Registry.ListWorkersAsync(new WorkerQuery(), Desk.None)).Workers;
        var candidates = await desk.Registry.CandidatesAsync("default", Desk.None);
        var heads = await desk.Registry.HeadsAsync("default", 2, Desk.None);
        var facts = await desk.Registry.WatchAsync(Desk.None);
        var counts = await desk.Registry.CountPoolAsync("default", Desk.None);
        var lines = new List<string>(answers);
        lines.AddRange(jobs.Select(Text));
        lines.AddRange(workers.Select(record => Text(record.Row) + Text(record.Free) + string.Join(',', record.Leases.Select(row => row.Grant!.Lease.Value).Order(StringComparer.Ordinal))));
        lines.AddRange(candidates.Candidates.Select(Text));
        lines.Add($"queued {candidates.Queued} {Text(counts)}");
        lines.AddRange(heads.Select(shape => $"{shape.Shape}: {string.Join(',', shape.Heads.Select(row => $"{row.Job}/{row.Conversation}"))} of {Math.Min(shape.Waiting, 3)}"));
        lines.AddRange(facts.Pulses.Select(Text).Order(StringComparer.Ordinal));
        lines.AddRange(facts.Waits.Select(Text).Order(StringComparer.Ordinal));
        var names = jobs.Where(row => row.Grant is not null).ToDictionary(row => row.Grant!.Lease.Value, row => $"{row.Job}#{row.Grant!.Fence}");
        foreach (var (lease, name) in names) known[lease] = name;
        return LeaseName().Replace(string.Join('\n', lines), match => known.GetValueOrDefault(match.Value, match.Value));
    }

    private static string Text<T>(T value)
    {
        var node = JsonSerializer.SerializeToNode(value, DispatchJson.Options)!;
        if (node is JsonObject row) row.Remove("number");
        return node.ToJsonString();
    }

    private async Task<Func<Task<string>>> PrepareAsync(ModelStep step)
    {
        var name = $"j{step.Job}";
        var worker = $"w{step.Worker}";
        var row = await desk.Registry.FindJobAsync(new JobId(name), Desk.None);
        var record = await desk.Registry.FindWorkerAsync(new WorkerId(worker), Desk.None);
        var incarnation = record?.Row.Incarnation ?? 1;
        var call = (record?.Row.Call ?? 0) + (step.How == 0 ? 0 : 1);
        var lease = row?.Grant?.Lease ?? new LeaseId("nothing");
        LeaseId[] held = [.. (record?.Leases ?? []).Select(one => one.Grant!.Lease).Order(Comparer<LeaseId>.Create((one, other) => string.CompareOrdinal(one.Value, other.Value)))];
        var conversation = row?.Conversation.Value ?? "c1";
        var ask = desk.Ask(name, row?.Attempt ?? 1, conversation, row?.RunId ?? "c1", (row?.Ask ?? 0) + (step.How == 0 ? 0 : 1)) with { Priority = 50 + (step.How * 5) };
        var next = new ConversationId($"c{1 + step.How}");
        var silence = new WorkerSilence(new WorkerId(worker), incarnation, record?.Row.Counter ?? 0);
        return step.Command switch
        {
            ModelCommand.Ask => () => AskAsync(ask),
            ModelCommand.AskAtOnce => () => AskedAsync(desk.AskAtOnceAsync(ask, worker, incarnation)),
            ModelCommand.AskNext => () => AskAsync(ask with { Attempt = ask.Attempt + 1, SeenReturned = lease }),
            ModelCommand.AskFinal => () => AskAsync(ask with { Final = true }),
            ModelCommand.AskGiveBack => () => AskAsync(ask with { GiveBack = lease, Attempt = ask.Attempt + step.How }),
            ModelCommand.AskPaused => () => AskAsync(ask with { Paused = true }),
            ModelCommand.Adopt => async () => $"{await desk.Registry.AdoptRunAsync(new RunAdoption(new JobId(name), next, next.Value, row?.RunId ?? "c1"), Desk.None)}",
            ModelCommand.AskAdopted => () => AskAsync(ask with { Conversation = next, RunId = next.Value, Ask = row?.Conversation == next ? ask.Ask : 1 }),
            ModelCommand.Offer when row is not null => () => OfferAsync(row, worker, incarnation, nudge: step.How > 1),
            ModelCommand.Confirm => async () => Text(await desk.ConfirmAsync(row?.Grant?.Worker.Value ?? worker, lease, row?.Grant?.Incarnation ?? incarnation, call + 1)),
            ModelCommand.Renew when record is not null => async () => Text(await desk.RenewAsync(worker, incarnation, call, (LeaseActivity)(step.How % 8), held)),
            ModelCommand.RenewNaming when record is not null => async () => Text(await desk.RenewAsync(worker, incarnation, call, LeaseActivity.Running, [.. held.Take(1), lease])),
            ModelCommand.Return => () => DoneAsync(desk.ReturnAsync(row?.Grant?.Worker.Value ?? worker, lease, step.How, row?.Grant?.Incarnation ?? incarnation, call)),
            ModelCommand.ReturnUnstarted => () => DoneAsync(desk.ReturnAsync(row?.Grant?.Worker.Value ?? worker, lease, null, row?.Grant?.Incarnation ?? incarnation, call)),
            ModelCommand.Settle => () => DoneAsync(desk.Registry.SettleAsync(
                new Dispatch.Contracts.Placing.Settlement { Job = new JobId(name), Conversation = new ConversationId(conversation), RunId = row?.RunId ?? "c1", Ask = int.MaxValue }, Desk.None)),
            ModelCommand.Register => async () => Text(await desk.RegisterAsync(worker, slots: 2, start: $"start-{incarnation}-{step.How}", has: [.. held.Take(step.How)])),
            ModelCommand.Reboot => async () => Text(await desk.RegisterAsync(worker, slots: 2, boot: $"boot-{step.How}", start: $"boot-{incarnation}-{step.How}")),
            ModelCommand.FallSilent => async () => $"{await desk.Registry.FallSilentAsync(silence, Desk.None)}",
            ModelCommand.Expire => async () => $"{await desk.Registry.ExpireAsync(step.How == 3 ? silence with { Incarnation = incarnation - 1 } : silence, Desk.None)}",
            ModelCommand.Lift when row?.BlockedBy is { } blocker => async () =>
                $"{await desk.Registry.LiftAsync(new BlockedWait(row.Job, row.Conversation, blocker, true, 1, TimeSpan.Zero), Desk.None)}",
            ModelCommand.Wish or ModelCommand.Unwish => async () => Text(await desk.Registry.WishAsync(
                new WishStatement(new WorkerId(worker), step.Command == ModelCommand.Wish ? (WorkerWish)(1 + (step.How % 2)) : WorkerWish.None, "ops", "test"), Desk.None)),
            _ => () => Task.FromResult("nothing to say"),
        };
    }

    private Task<string> AskAsync(Dispatch.Contracts.Placing.PlaceAsk ask) => AskedAsync(desk.AskAsync(ask));

    private static async Task<string> AskedAsync(Task<AskOutcome> asked)
    {
        var outcome = await asked;
        return $"{outcome.Kind} {outcome.CurrentRun} {outcome.RenewedAt:O} {(outcome.Row is null ? "" : Text(outcome.Row))}";
    }

    private async Task<string> OfferAsync(JobRow row, string worker, long incarnation, bool nudge)
    {
        var offer = new OfferStatement
        {
            Job = row.Job,
            Conversation = row.Conversation,
            Revision = row.Revision,
            Worker = new WorkerId(worker),
            Incarnation = incarnation,
            Router = "test@1",
            Profile = TimeProfile.Fast,
            Nudge = nudge,
        };
        var outcome = await desk.Registry.OfferAsync(offer, Desk.None);
        return $"{outcome.Kind} {(outcome.Row is null ? "" : Text(outcome.Row))}";
    }

    private static async Task<string> DoneAsync(Task task)
    {
        await task;
        return "done";
    }

    [GeneratedRegex("lease-[0-9]+")]
    private static partial Regex LeaseName();
}
