using System.Collections.Concurrent;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Reading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dispatch.Placement.Tests;

/// <summary>Many jobs at once on real threads: whoever is told to wait is nudged, and nobody is forgotten.</summary>
public sealed class CrowdTests
{
    private const int Jobs = 600;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Every_job_of_a_crowd_is_placed_by_answer_or_by_nudge_alone()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var nudges = new SignalledNudges();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddInMemoryRegistry([new PoolOptions { Profile = TimeProfile.Patient, Admission = new Admission { AllowProcess = true } }]);
        // Without the poll and the sweep: only hints and nudges move anything.
        builder.Services.AddDispatchPlacement(new PlacementOptions { QueuePoll = TimeSpan.FromHours(1), SweepEvery = TimeSpan.FromHours(1) });
        builder.Services.AddSingleton<INudge>(nudges);
        builder.Services.AddSingleton<IRunStatus>(new KnownRuns());
        using var host = builder.Build();
        await host.StartAsync(deadline.Token);
        var registry = host.Services.GetRequiredService<IRegistry>();
        for (var i = 0; i < 3; i++)
        {
            await registry.RegisterAsync(
                new WorkerRegistration
                {
                    Worker = new WorkerId($"w{i}"),
                    StartId = "s",
                    Host = World.Host($"w{i}"),
                    Version = "1",
                    Capacity = new WorkerCapacity { Slots = 4, Cpu = 4, MemoryBytes = 4L << 30 },
                    Runtimes = ["process"],
                },
                deadline.Token);
        }

        var placer = host.Services.GetRequiredService<IPlacer>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Jobs), new ParallelOptions { MaxDegreeOfParallelism = 40, CancellationToken = deadline.Token }, async (number, token) =>
        {
            var job = new JobId($"j{number}");
            PlaceAnswer answer;
            for (var ask = 1; ; ask++)
            {
                answer = await placer.PlaceAsync(Ask(job, ask, size: 1 + (number % 3)), token);
                if (answer.Kind == PlaceAnswerKind.Offered) break;
                Assert.Equal(PlaceAnswerKind.Waiting, answer.Kind);
                await nudges.WaitAsync(job, token);
            }

            var worker = answer.Worker!.Value;
            Assert.True((await registry.ConfirmAsync(new LeaseConfirmation { Worker = worker, Incarnation = 1, Call = 1, Lease = answer.Lease!.Value }, token)).Accepted);
            await Task.Yield();
            await registry.ReturnAsync(new LeaseReturn { Worker = worker, Incarnation = 1, Call = 1, Lease = answer.Lease.Value, Outcome = World.Report(answer.Lease.Value) }, token);
        });

        Assert.All((await registry.ListWorkersAsync(new WorkerQuery(), deadline.Token)).Workers, record => Assert.Equal(4, record.Free.Slots));
        Assert.Equal(0, (await registry.CandidatesAsync("default", deadline.Token)).Queued);
        Assert.Equal(Jobs, (await registry.ListJobsAsync(new JobRowQuery { Limit = 1000 }, deadline.Token)).Rows.Count(row => row.Outcome is not null));
        await host.StopAsync(deadline.Token);
    }

    private static PlaceAsk Ask(JobId job, int ask, int size) => new()
    {
        Job = job,
        Conversation = new ConversationId(job.Value),
        RunId = job.Value,
        Attempt = 1,
        Ask = ask,
        SpecJson = $$"""{"process":["true"],"resources":{"cpu":{{size}} } }""",
        SpecDigest = "sha256:0",
        QueuedAt = DateTimeOffset.UnixEpoch,
    };

    private sealed class SignalledNudges : INudge
    {
        private readonly ConcurrentDictionary<JobId, SemaphoreSlim> signals = [];

        public Task NudgeAsync(JobId job, string runId, CancellationToken cancellationToken)
        {
            Of(job).Release();
            return Task.CompletedTask;
        }

        public Task WaitAsync(JobId job, CancellationToken cancellationToken) => Of(job).WaitAsync(cancellationToken);

        private SemaphoreSlim Of(JobId job) => signals.GetOrAdd(job, static _ => new SemaphoreSlim(0));
    }
}
