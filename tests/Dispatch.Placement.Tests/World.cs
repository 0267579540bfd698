using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Placement.Placing;
using Dispatch.Placement.Queueing;
using Dispatch.Placement.Routers;
using Dispatch.Placement.Sweeping;
using Dispatch.Registry;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Memory;
using Dispatch.Registry.Pools;
using Dispatch.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dispatch.Placement.Tests;

/// <summary>A registry, a placer and hand-driven workers under one fake clock; no background loop runs.</summary>
internal sealed class World
{
    private readonly Dictionary<string, long> calls = [];
    private readonly Dictionary<JobId, int> asks = [];
    private readonly Expirer expirer;
    private int leases;

    public World(PoolOptions[]? pools = null, PlacementOptions? options = null, IRouter[]? routers = null, IFilter[]? filters = null, Func<IRegistry, IRegistry>? seenBy = null)
    {
        Options = options ?? new PlacementOptions();
        Pools = new PoolSet(pools ?? [Pool()]);
        Registry = new InMemoryRegistry(Pools, new RegistryOptions(), Time, () => new LeaseId($"lease-{++leases}"));
        Queues = new PoolQueues(Pools, new RouterSet(Pools, routers ?? [], filters ?? [], [], Time), Options);
        var seen = seenBy?.Invoke(Registry) ?? Registry;
        Turns = new QueueTurn(seen, Options, Time, NullLogger<QueueTurn>.Instance);
        Placer = new Placer(seen, Queues, Turns, Runs, Options, Time, NullLogger<Placer>.Instance);
        Sweeper = new Sweeper(Registry, Runs, Options, Time, NullLogger<Sweeper>.Instance);
        expirer = new Expirer(Registry, new ExpirerOptions(), Time, NullLogger<Expirer>.Instance);
        Registry.Subscribe(change =>
        {
            if (change is { Kind: RegistryChangeKind.NudgeDue, Job: { } job }) Nudged.Add(job.Value);
        });
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public PoolSet Pools { get; }

    public PlacementOptions Options { get; }

    public InMemoryRegistry Registry { get; }

    public PoolQueues Queues { get; }

    public QueueTurn Turns { get; }

    public Placer Placer { get; }

    public Sweeper Sweeper { get; }

    public KnownRuns Runs { get; } = new();

    public List<string> Nudged { get; } = [];

    public static CancellationToken None => CancellationToken.None;

    public static PoolOptions Pool(string name = "default", string router = "least-loaded", NoEligible noEligible = NoEligible.Wait) => new()
    {
        Name = name,
        Router = router,
        NoEligible = noEligible,
        Profile = TimeProfile.Fast,
        Admission = new Admission { AllowProcess = true },
    };

    public static WorkerHost Host(string name, string boot = "boot-1") => new($"machine-{name}", boot, $"data-{name}", new Dictionary<string, string> { ["process"] = "host" });

    public async Task<WorkerRegistered> StartAsync(
        string name, decimal cpu = 4, int? slots = 16, string pool = "default", Dictionary<string, string>? labels = null, LeaseId[]? has = null, string boot = "boot-1", string? start = null)
    {
        calls[name] = 0;
        return await Registry.RegisterAsync(
            new WorkerRegistration
            {
                Worker = new WorkerId(name),
                StartId = start ?? Guid.NewGuid().ToString("N"),
                Host = Host(name, boot),
                Version = "1",
                Pool = pool,
                Capacity = new WorkerCapacity { Slots = slots, Cpu = cpu, MemoryBytes = 4L << 30 },
                Labels = labels ?? [],
                Runtimes = ["process"],
                Has = [.. (has ?? []).Select(lease => new LeaseStatement(lease, LeaseActivity.Running))],
            },
            None);
    }

    public Task<RenewalAnswer> RenewAsync(string name, long incarnation = 1, WorkerState state = WorkerState.Ready, params LeaseId[] has) => Registry.RenewAsync(
        new WorkerRenewal
        {
            Worker = new WorkerId(name),
            Incarnation = incarnation,
            Call = ++calls[name],
            Has = [.. has.Select(lease => new LeaseStatement(lease, LeaseActivity.Running))],
            State = state,
        },
        None);

    public Task<ConfirmAnswer> ConfirmAsync(string name, LeaseId lease, long incarnation = 1, long? call = null) => Registry.ConfirmAsync(
        new LeaseConfirmation { Worker = new WorkerId(name), Incarnation = incarnation, Call = call ?? ++calls[name], Lease = lease }, None);

    public Task ReturnAsync(string name, LeaseId lease, ContainerReport? outcome = null, long incarnation = 1, long? call = null) => Registry.ReturnAsync(
        new LeaseReturn { Worker = new WorkerId(name), Incarnation = incarnation, Call = call ?? ++calls[name], Lease = lease, Outcome = outcome }, None);

    public static ContainerReport Report(LeaseId lease, int attempt = 1, int code = 0) => new()
    {
        Attempt = attempt,
        Lease = lease,
        End = ContainerEnd.Exited,
        Outcome = new Outcome { Kind = OutcomeKind.Success, Code = code },
    };

    public PlaceAsk Ask(
        string job, int attempt = 1, string cpu = "1", int priority = 50, string? conversation = null, string? run = null, string extra = "", int? ask = null) => new()
    {
        Job = new JobId(job),
        Conversation = new ConversationId(conversation ?? $"{job}-c1"),
        RunId = run ?? conversation ?? $"{job}-c1",
        Attempt = attempt,
        Ask = ask ?? (asks[new JobId(job)] = asks.GetValueOrDefault(new JobId(job)) + 1),
        SpecJson = $$"""{"process":["true"],"resources":{"cpu":{{cpu}},"memory":"1Mi"}{{extra}}}""",
        SpecDigest = "sha256:0",
        Priority = priority,
        QueuedAt = Time.GetUtcNow(),
    };

    public Task<PlaceAnswer> PlaceAsync(PlaceAsk ask) => Placer.PlaceAsync(ask, None);

    public Task<PlaceAnswer> PlaceAsync(string job, string cpu = "1", int priority = 50, string extra = "") => PlaceAsync(Ask(job, cpu: cpu, priority: priority, extra: extra));

    public async Task<JobRow> RowAsync(string job) => (await Registry.FindJobAsync(new JobId(job), None))!;

    public async Task<int> TurnAsync(string pool = "default") => (await Turns.TakeAsync(Queues.Find(pool)!, None)).Placed;

    /// <summary>Lets time pass in small steps with the expirer looking at each.</summary>
    public async Task PassAsync(TimeSpan time, Func<Task>? each = null)
    {
        var step = TimeSpan.FromMilliseconds(250);
        for (var passed = TimeSpan.Zero; passed < time; passed += step)
        {
            Time.Advance(step);
            if (each is not null) await each();
            await expirer.LookAsync(None);
        }
    }
}
