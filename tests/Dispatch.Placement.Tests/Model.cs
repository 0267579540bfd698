using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Queue;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;

namespace Dispatch.Placement.Tests;

/// <summary>Jobs that ask as workflows do, workers that confirm, renew, return, die and come back; after each step the laws are checked.</summary>
internal sealed class Model
{
    private static readonly string[] WorkerNames = ["w1", "w2", "w3"];
    private static readonly string[] Sizes = ["1", "2", "3"];
    private readonly World world = new();
    private readonly Dictionary<string, JobModel> jobs = [];
    private readonly Dictionary<string, WorkerModel> workers = [];
    private Dictionary<string, JobRow> before = [];

    public enum Command
    {
        Ask,
        AskMore,
        Confirm,
        Renew,
        Return,
        ReturnUnstarted,
        Die,
        Restart,
        Reboot,
        Pass,
        PassLong,
        Turn,
        Settle,
        Drain,
        Undrain,
        Reprioritise,
    }

    public async Task StartAsync()
    {
        foreach (var name in WorkerNames)
        {
            workers[name] = new WorkerModel(name);
            await RegisterAsync(workers[name]);
        }
    }

    public async Task DoAsync(Command command, int who, int how)
    {
        before = (await RowsAsync()).ToDictionary(row => row.Conversation.Value);
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        var job = Job($"j{who}");
        var worker = workers[WorkerNames[who % WorkerNames.Length]];
        switch (command)
        {
            case Command.Ask or Command.AskMore:
                await AskAsync(job, Sizes[who % Sizes.Length], hasty: command == Command.AskMore && how == 0);
                break;
            case Command.Confirm:
                await ConfirmAsync(job, answerLost: how == 0);
                break;
            case Command.Renew when worker.Alive:
                await RenewAsync(worker);
                break;
            case Command.Return when worker.Alive && worker.Has.Count > 0:
                var ended = worker.Has.First();
                worker.Has.Remove(ended);
                await world.ReturnAsync(worker.Name, ended, World.Report(ended), worker.Incarnation);
                break;
            case Command.ReturnUnstarted when worker.Alive && worker.Has.Count > 0:
                var given = worker.Has.Last();
                worker.Has.Remove(given);
                await world.ReturnAsync(worker.Name, given, outcome: null, worker.Incarnation);
                break;
            case Command.Die:
                worker.Alive = false;
                break;
            case Command.Restart:
                await RegisterAsync(worker);
                break;
            case Command.Reboot:
                worker.Has.Clear();
                worker.Boot++;
                await RegisterAsync(worker);
                break;
            case Command.Pass:
                await world.PassAsync(TimeSpan.FromSeconds(1 + how), RenewLivingAsync);
                break;
            case Command.PassLong:
                await world.PassAsync(TimeSpan.FromSeconds(8), how == 0 ? null : RenewLivingAsync);
                break;
            case Command.Turn:
                await world.TurnAsync();
                await CheckNothingThatFitsWaitsAsync();
                break;
            case Command.Settle:
                await world.Placer.SettleAsync(new Settlement { Job = job.Id, Conversation = job.Conversation, RunId = job.Conversation.Value, Ask = int.MaxValue }, World.None);
                job.Conversations++;
                job.Attempt = 1;
                job.Seen = null;
                world.Runs[job.Conversation.Value] = new RunDescription(RunStanding.Open);
                break;
            case Command.Drain or Command.Undrain:
                await world.Registry.WishAsync(
                    new WishStatement(new WorkerId(worker.Name), command == Command.Drain ? WorkerWish.Drain : WorkerWish.None, "test", "test"), World.None);
                break;
            case Command.Reprioritise:
                job.Priority = 40 + (how * 10);
                break;
        }
    }

    public async Task CheckAsync()
    {
        var rows = await RowsAsync();
        var records = (await world.Registry.ListWorkersAsync(new WorkerQuery(), World.None)).Workers;
        foreach (var record in records)
        {
            var live = rows.Where(row => row.Live && row.Grant!.Worker == record.Row.Worker).ToArray();
            Assert.True(live.Sum(row => row.Grant!.Needs.CpuMilli) <= record.Row.Total.CpuMilli, $"{record.Row.Worker} leased more cpu than it has");
            Assert.True(live.Length <= record.Row.Total.Slots, $"{record.Row.Worker} leased more slots than it has");
        }

        Assert.All(rows.Where(row => row.Live).GroupBy(row => row.Job), group => Assert.Single(group));
        foreach (var row in rows.Where(row => row.Grant is not null))
        {
            var job = Job(row.Job.Value);
            if (job.Fences.TryGetValue(row.Grant!.Lease, out var fence)) Assert.Equal(fence, row.Grant.Fence);
            else
            {
                Assert.All(job.Fences.Values, earlier => Assert.True(earlier < row.Grant.Fence, $"fence {row.Grant.Fence} of {row.Job} does not grow"));
                job.Fences[row.Grant.Lease] = row.Grant.Fence;
            }
        }

        foreach (var row in rows)
        {
            // A lease that a worker holds ends by its return or its expiry, never by an ask.
            if (before.GetValueOrDefault(row.Conversation.Value) is { State: LeaseState.Held } was) Assert.Equal(was.Grant!.Lease, row.Grant?.Lease);
        }

        await CheckOrderAsync(rows);
    }

    /// <summary>All comes to an end: nothing is left leased, queued or blocked.</summary>
    public async Task EndAsync()
    {
        foreach (var worker in workers.Values)
        {
            await world.Registry.WishAsync(new WishStatement(new WorkerId(worker.Name), WorkerWish.None, "test", "test"), World.None);
            await RegisterAsync(worker);
        }

        await world.PassAsync(TimeSpan.FromSeconds(20), RenewLivingAsync);
        await world.TurnAsync();
        await CheckNothingThatFitsWaitsAsync();
        foreach (var job in jobs.Values)
        {
            await world.Placer.SettleAsync(new Settlement { Job = job.Id, Conversation = job.Conversation, RunId = job.Conversation.Value, Ask = int.MaxValue }, World.None);
        }

        foreach (var worker in workers.Values)
        {
            foreach (var lease in worker.Has.ToArray()) await world.ReturnAsync(worker.Name, lease, World.Report(lease), worker.Incarnation);
            worker.Has.Clear();
            await RenewAsync(worker);
        }

        var candidates = await world.Registry.CandidatesAsync("default", World.None);
        Assert.Equal(0, candidates.Queued);
        Assert.All(candidates.Candidates, candidate => Assert.Equal(candidate.Total.Key(), candidate.Free.Key()));
        Assert.DoesNotContain(await RowsAsync(), row => row.Live || row.BlockedBy is not null);
    }

    private JobModel Job(string name)
    {
        if (jobs.TryGetValue(name, out var job)) return job;
        job = jobs[name] = new JobModel(name);
        world.Runs[job.Conversation.Value] = new RunDescription(RunStanding.Open);
        return job;
    }

    private async Task<IReadOnlyList<JobRow>> RowsAsync() => (await world.Registry.ListJobsAsync(new JobRowQuery { Limit = 1000 }, World.None)).Rows;

    /// <summary>What a workflow does: it asks for its attempt, goes on from what it has seen end, and takes what is later than it knew.</summary>
    private async Task AskAsync(JobModel job, string cpu, bool hasty)
    {
        job.QueuedAt ??= world.Time.GetUtcNow();
        var answer = await world.PlaceAsync(world.Ask(job.Name, hasty ? job.Attempt + 1 : job.Attempt, cpu, job.Priority, job.Conversation.Value) with { SeenReturned = job.Seen, QueuedAt = job.QueuedAt.Value });
        Assert.NotEqual(PlaceAnswerKind.Unavailable, answer.Kind);
        job.Attempt = Math.Max(job.Attempt, answer.Attempt);
        if (answer.Kind != PlaceAnswerKind.Ended) return;
        job.Seen = answer.Lease;
        job.Attempt = answer.Attempt + 1;
    }

    private async Task ConfirmAsync(JobModel job, bool answerLost)
    {
        if (await world.Registry.FindJobAsync(job.Id, World.None) is not { Grant: { } grant }) return;
        var worker = workers[grant.Worker.Value];
        if (!worker.Alive || worker.Incarnation != grant.Incarnation) return;
        if ((await world.ConfirmAsync(worker.Name, grant.Lease, worker.Incarnation)).Accepted && !answerLost) worker.Has.Add(grant.Lease);
    }

    private async Task RegisterAsync(WorkerModel worker)
    {
        worker.Alive = true;
        var registered = await world.StartAsync(worker.Name, cpu: 3, slots: 2, has: [.. worker.Has], boot: $"boot-{worker.Boot}");
        worker.Incarnation = registered.Incarnation;
        Obey(worker, registered.Leases);
        await RenewAsync(worker);
    }

    private async Task RenewLivingAsync()
    {
        foreach (var worker in workers.Values.Where(worker => worker.Alive)) await RenewAsync(worker);
    }

    private async Task RenewAsync(WorkerModel worker)
    {
        var answer = await world.RenewAsync(worker.Name, worker.Incarnation, WorkerState.Ready, [.. worker.Has]);
        Assert.True(answer.Accepted);
        Obey(worker, answer.Leases);
        foreach (var unknown in answer.Unnamed) await world.ReturnAsync(worker.Name, unknown, outcome: null, worker.Incarnation);
    }

    private static void Obey(WorkerModel worker, IReadOnlyList<LeaseVerdict> verdicts)
    {
        foreach (var verdict in verdicts.Where(verdict => verdict.Standing == LeaseStanding.NotYours)) worker.Has.Remove(verdict.Lease);
    }

    private async Task CheckNothingThatFitsWaitsAsync()
    {
        var candidates = (await world.Registry.CandidatesAsync("default", World.None)).Candidates;
        foreach (var row in (await RowsAsync()).Where(row => row.Queued))
        {
            Assert.DoesNotContain(candidates, one => one is { State: WorkerState.Ready, Silent: false, Stated: true } && one.Free.Covers(row.Facts.Needs));
        }
    }

    /// <summary>Whoever was offered a worker in this step had nobody before it that could have used that room.</summary>
    private async Task CheckOrderAsync(IReadOnlyList<JobRow> rows)
    {
        var candidates = (await world.Registry.CandidatesAsync("default", World.None)).Candidates.ToDictionary(one => one.Worker);
        var waiting = rows.Where(row => row.Queued && before.TryGetValue(row.Conversation.Value, out var was) && was.Queued && was.Revision == row.Revision).ToArray();
        foreach (var row in rows.Where(row => row.State == LeaseState.Offered && before.GetValueOrDefault(row.Conversation.Value)?.Grant?.Lease != row.Grant!.Lease))
        {
            if (!candidates.TryGetValue(row.Grant!.Worker, out var worker) || !world.Time.GetUtcNow().Equals(row.Grant.OfferedAt)) continue;
            var room = worker.Free.Plus(row.Grant.Needs);
            Assert.DoesNotContain(waiting, other => QueueRank.Of(other) < QueueRank.Of(row) && room.Covers(other.Facts.Needs));
        }
    }

    private sealed class JobModel(string name)
    {
        public string Name { get; } = name;

        public JobId Id { get; } = new(name);

        public int Conversations { get; set; } = 1;

        public ConversationId Conversation => new($"{Name}-c{Conversations}");

        public int Attempt { get; set; } = 1;

        public int Priority { get; set; } = 50;

        public LeaseId? Seen { get; set; }

        public DateTimeOffset? QueuedAt { get; set; }

        public Dictionary<LeaseId, long> Fences { get; } = [];
    }

    private sealed class WorkerModel(string name)
    {
        public string Name { get; } = name;

        public bool Alive { get; set; }

        public long Incarnation { get; set; }

        public int Boot { get; set; } = 1;

        public HashSet<LeaseId> Has { get; } = [];
    }
}
