using System.Collections.Concurrent;
using System.Diagnostics;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Leases;
using Dispatch.Routing;

namespace Registry.Measure;

/// <summary>What was measured.</summary>
/// <param name="What">Of what.</param>
/// <param name="Clients">How many at once.</param>
/// <param name="PerSecond">How many a second.</param>
/// <param name="P50">The median of one, milliseconds.</param>
/// <param name="P95">19 of 20 took no longer, milliseconds.</param>
/// <param name="Count">How many there were.</param>
public sealed record Measured(string What, int Clients, double PerSecond, double P50, double P95, int Count);

/// <summary>The life of a lease: a job asks, is offered a worker, the worker takes it and gives it back with what came of it.</summary>
public static class LeaseLives
{
    private const int WorkersCount = 2;

    /// <summary>Makes the workers that the lives are on.</summary>
    /// <param name="registry">The registry.</param>
    /// <returns>A task that ends when they are there.</returns>
    public static async Task RegisterWorkersAsync(IRegistry registry)
    {
        for (var number = 0; number < WorkersCount; number++)
        {
            await registry.RegisterAsync(
                new WorkerRegistration
                {
                    Worker = new WorkerId($"w{number}"),
                    StartId = "start",
                    Host = new WorkerHost($"machine-{number}", "boot", "data", new Dictionary<string, string> { ["process"] = "p" }),
                    Version = "1",
                    Capacity = new WorkerCapacity { Slots = 1000, Cpu = 1000, MemoryBytes = 1L << 40 },
                    Runtimes = ["process"],
                },
                CancellationToken.None);
        }
    }

    /// <summary>Measures lives.</summary>
    /// <param name="what">The name of the line.</param>
    /// <param name="registry">The registry, with its workers.</param>
    /// <param name="clients">How many live at once.</param>
    /// <param name="time">For how long.</param>
    /// <returns>What was measured.</returns>
    public static Task<Measured> MeasureAsync(string what, IRegistry registry, int clients, TimeSpan time) => RepeatAsync(what, clients, time, (client, number) => LiveAsync(registry, client, $"{what}-{clients}-{client}-{number}"));

    /// <summary>Repeats something for a while.</summary>
    /// <param name="what">The name of the line.</param>
    /// <param name="clients">How many at once.</param>
    /// <param name="time">For how long.</param>
    /// <param name="once">It once: client and number.</param>
    /// <returns>What was measured.</returns>
    public static async Task<Measured> RepeatAsync(string what, int clients, TimeSpan time, Func<int, int, Task> once)
    {
        var took = new ConcurrentBag<double>();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(async () =>
        {
            for (var number = 0; clock.Elapsed < time; number++)
            {
                var began = clock.Elapsed;
                await once(client, number);
                took.Add((clock.Elapsed - began).TotalMilliseconds);
            }
        })));
        double[] all = [.. took.Order()];
        return new Measured(what, clients, all.Length / clock.Elapsed.TotalSeconds, all[all.Length / 2], all[all.Length * 95 / 100], all.Length);
    }

    private static async Task LiveAsync(IRegistry registry, int client, string name)
    {
        var none = CancellationToken.None;
        var job = new JobId(name);
        var worker = new WorkerId($"w{client % WorkersCount}");
        var ask = new PlaceAsk
        {
            Job = job,
            Conversation = new ConversationId(name),
            RunId = name,
            Attempt = 1,
            Ask = 1,
            SpecJson = """{"process":["true"],"resources":{"cpu":1,"memory":"1Mi"}}""",
            SpecDigest = "sha256:0",
            QueuedAt = TimeProvider.System.GetUtcNow(),
        };
        var facts = JobFacts.Of(job, new JobSpec { Process = ["true"], Resources = new Resources { Cpu = 1, MemoryBytes = 1 << 20 } });
        var row = (await registry.AskAsync(new AskStatement(ask, facts, facts.Shape()), none)).Row!;
        await registry.CandidatesAsync("default", none);
        var offer = new OfferStatement
        {
            Job = job,
            Conversation = row.Conversation,
            Revision = row.Revision,
            Worker = worker,
            Incarnation = 1,
            Router = "test@1",
            Profile = TimeProfile.Normal,
        };
        var outcome = await registry.OfferAsync(offer, none);
        if (outcome.Kind != OfferKind.Offered) throw new InvalidOperationException($"{name} was not offered: {outcome.Kind}");
        var lease = outcome.Row!.Grant!.Lease;
        // Several clients of one worker have no order among them: the number stays.
        if (!(await registry.ConfirmAsync(new LeaseConfirmation { Worker = worker, Incarnation = 1, Call = 1, Lease = lease }, none)).Accepted) throw new InvalidOperationException($"{name} was not confirmed");
        var report = new ContainerReport { Attempt = 1, Lease = lease, End = ContainerEnd.Exited, Outcome = new Outcome { Kind = OutcomeKind.Success, Code = 0 } };
        await registry.ReturnAsync(new LeaseReturn { Worker = worker, Incarnation = 1, Call = 1, Lease = lease, Outcome = report }, none);
    }
}
