using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Registry.Suite;

/// <summary>A registry with short ways to say its statements. Nothing is routed: the test names the worker.</summary>
public sealed class Desk
{
    private readonly Dictionary<string, long> calls = [];
    private readonly Dictionary<string, int> asks = [];

    private Desk(IRegistry registry, FakeTimeProvider time)
    {
        Registry = registry;
        Time = time;
        Expirer = new Expirer(registry, new ExpirerOptions(), time, NullLogger<Expirer>.Instance);
        registry.Subscribe(Changes.Add);
    }

    /// <summary>The pools of every desk.</summary>
    public static PoolSet Pools { get; } = new([new PoolOptions { Profile = TimeProfile.Fast }, new PoolOptions { Name = "slow", Profile = TimeProfile.Patient }]);

    public FakeTimeProvider Time { get; }

    public IRegistry Registry { get; }

    public Expirer Expirer { get; }

    public List<RegistryChange> Changes { get; } = [];

    /// <summary>Opens a registry with two pools and its time at the start of 2026.</summary>
    public static async Task<Desk> OpenAsync(IRegistryMaker maker, RegistryOptions? options = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var leases = 0;
        return new Desk(await maker.OpenAsync(Pools, options ?? new RegistryOptions(), time, () => new LeaseId($"lease-{Interlocked.Increment(ref leases)}")), time);
    }

    public static CancellationToken None => CancellationToken.None;

    public IEnumerable<string> Nudged => Changes.Where(change => change.Kind == RegistryChangeKind.NudgeDue).Select(change => change.Job!.Value.Value);

    public Task<WorkerRegistered> RegisterAsync(string worker, int? slots = 4, string boot = "boot-1", string start = "start-1", long last = 0, params LeaseId[] has)
    {
        calls[worker] = 0;
        return Registry.RegisterAsync(
            new WorkerRegistration
            {
                Worker = new WorkerId(worker),
                LastIncarnation = last,
                StartId = start,
                Host = new WorkerHost($"machine-{worker}", boot, $"data-{worker}", new Dictionary<string, string> { ["process"] = "p" }),
                Version = "1",
                Capacity = new WorkerCapacity { Slots = slots, Cpu = 4, MemoryBytes = 4L << 30 },
                Runtimes = ["process"],
                Has = Named(LeaseActivity.Running, has),
            },
            None);
    }

    public Task<RenewalAnswer> RenewAsync(string worker, params LeaseId[] has) => RenewAsync(worker, 1, null, LeaseActivity.Running, has);

    public Task<RenewalAnswer> RenewAsync(string worker, long incarnation, long? call, LeaseActivity activity, params LeaseId[] has) => Registry.RenewAsync(
        new WorkerRenewal { Worker = new WorkerId(worker), Incarnation = incarnation, Call = call ?? ++calls[worker], Has = Named(activity, has) }, None);

    public Task<ConfirmAnswer> ConfirmAsync(string worker, LeaseId lease, long incarnation = 1, long? call = null) => Registry.ConfirmAsync(
        new LeaseConfirmation { Worker = new WorkerId(worker), Incarnation = incarnation, Call = call ?? ++calls[worker], Lease = lease }, None);

    public Task ReturnAsync(string worker, LeaseId lease, int? code = null, long incarnation = 1, long? call = null) => Registry.ReturnAsync(
        new LeaseReturn { Worker = new WorkerId(worker), Incarnation = incarnation, Call = call ?? ++calls[worker], Lease = lease, Outcome = code is { } exit ? Report(lease, exit) : null }, None);

    public PlaceAsk Ask(string job, int attempt = 1, string conversation = "c1", string? run = null, int? ask = null) => new()
    {
        Job = new JobId(job),
        Conversation = new ConversationId(conversation),
        RunId = run ?? conversation,
        Attempt = attempt,
        Ask = ask ?? (asks[job + conversation] = asks.GetValueOrDefault(job + conversation) + 1),
        SpecJson = "{}",
        SpecDigest = "sha256:0",
        QueuedAt = Time.GetUtcNow(),
    };

    public Task<AskOutcome> AskAsync(PlaceAsk ask) => Registry.AskAsync(StatementOf(ask), None);

    public static AskStatement StatementOf(PlaceAsk ask)
    {
        var facts = JobFacts.Of(ask.Job, new JobSpec { Process = ["true"], Resources = new Resources { Cpu = 1, MemoryBytes = 1 << 20 } });
        return new AskStatement(ask, facts, facts.Shape());
    }

    /// <summary>Asks with a worker to be offered by the ask.</summary>
    public Task<AskOutcome> AskAtOnceAsync(PlaceAsk ask, string worker, long incarnation = 1) => Registry.AskAsync(
        StatementOf(ask) with
        {
            AtOnce = new OfferStatement
            {
                Job = ask.Job,
                Conversation = ask.Conversation,
                Revision = -1,
                Worker = new WorkerId(worker),
                Incarnation = incarnation,
                Router = "test@1",
                Profile = TimeProfile.Fast,
            },
        },
        None);

    public async Task<OfferOutcome> OfferAsync(string job, string worker, long incarnation = 1, bool nudge = false)
    {
        var row = await RowAsync(job);
        return await Registry.OfferAsync(
            new OfferStatement
            {
                Job = row.Job,
                Conversation = row.Conversation,
                Revision = row.Revision,
                Worker = new WorkerId(worker),
                Incarnation = incarnation,
                Router = "test@1",
                Profile = TimeProfile.Fast,
                Nudge = nudge,
            },
            None);
    }

    /// <summary>Asks for a job and offers it.</summary>
    public async Task<LeaseId> OfferedAsync(string job, string worker, long incarnation = 1)
    {
        await AskAsync(Ask(job));
        var outcome = await OfferAsync(job, worker, incarnation);
        Assert.Equal(OfferKind.Offered, outcome.Kind);
        return outcome.Row!.Grant!.Lease;
    }

    /// <summary>Asks for a job, offers it, and lets the worker take it.</summary>
    public async Task<LeaseId> HeldAsync(string job, string worker, long incarnation = 1)
    {
        var lease = await OfferedAsync(job, worker, incarnation);
        Assert.True((await ConfirmAsync(worker, lease, incarnation)).Accepted);
        return lease;
    }

    public Task SettleAsync(string job, string conversation = "c1", int ask = int.MaxValue) => Registry.SettleAsync(
        new Settlement { Job = new JobId(job), Conversation = new ConversationId(conversation), RunId = conversation, Ask = ask, Reason = TerminationReason.Cancelled }, None);

    public async Task<JobRow> RowAsync(string job) => (await Registry.FindJobAsync(new JobId(job), None))!;

    public async Task<CandidateView> ViewAsync(string worker) =>
        (await Registry.CandidatesAsync("default", None)).Candidates.Single(candidate => candidate.Worker.Value == worker);

    public async Task<long> FreeSlotsAsync(string worker) => (await ViewAsync(worker)).Free.Slots;

    public async Task PassAsync(double seconds, Func<Task>? each = null)
    {
        for (var passed = 0.0; passed < seconds; passed += 0.25)
        {
            Time.Advance(TimeSpan.FromSeconds(0.25));
            if (each is not null) await each();
            await Expirer.LookAsync(None);
        }
    }

    public static ContainerReport Report(LeaseId lease, int code) => new()
    {
        Attempt = 1,
        Lease = lease,
        End = ContainerEnd.Exited,
        Outcome = new Outcome { Kind = OutcomeKind.Success, Code = code },
    };

    private static LeaseStatement[] Named(LeaseActivity activity, LeaseId[] has) => [.. has.Select(lease => new LeaseStatement(lease, activity))];
}
