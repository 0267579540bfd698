using System.Collections.Concurrent;
using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Placement;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Reading;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>Several hosts of workflows place on one database, and workers speak to yet another process.</summary>
[Collection(OnServer.Name)]
public sealed class HostsTests(OneServer one)
{
    private const int Jobs = 90;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task All_jobs_of_two_hosts_are_placed_once_and_nothing_is_left()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        var database = await one.NewDatabaseAsync();
        var nudges = new SignalledNudges();
        using var firstHost = Host(database, nudges);
        using var secondHost = Host(database, nudges);
        await firstHost.StartAsync(deadline.Token);
        await secondHost.StartAsync(deadline.Token);
        await using var maker = new OnPostgres(one);
        var server = await maker.OpenAsync(database, Pools());
        for (var i = 0; i < 3; i++)
        {
            await server.RegisterAsync(
                new WorkerRegistration
                {
                    Worker = new WorkerId($"w{i}"),
                    StartId = "s",
                    Host = new WorkerHost($"machine-{i}", "boot", "data", new Dictionary<string, string> { ["process"] = "p" }),
                    Version = "1",
                    Capacity = new WorkerCapacity { Slots = 4, Cpu = 4, MemoryBytes = 4L << 30 },
                    Runtimes = ["process"],
                },
                deadline.Token);
        }

        IPlacer[] placers = [firstHost.Services.GetRequiredService<IPlacer>(), secondHost.Services.GetRequiredService<IPlacer>()];
        await Parallel.ForEachAsync(Enumerable.Range(0, Jobs), new ParallelOptions { MaxDegreeOfParallelism = 30, CancellationToken = deadline.Token }, async (number, token) =>
        {
            var job = new JobId($"j{number}");
            PlaceAnswer answer;
            for (var ask = 1; ; ask++)
            {
                answer = await placers[(number + ask) % 2].PlaceAsync(PlacerParts.Ask(job, ask, cpu: 1 + (number % 3)), token);
                if (answer.Kind == PlaceAnswerKind.Offered) break;
                Assert.True(answer.Kind == PlaceAnswerKind.Waiting, $"{job}: {answer.Kind} {answer.Why}");
                await nudges.WaitAsync(job, token);
            }

            var worker = answer.Worker!.Value;
            Assert.True((await server.ConfirmAsync(new LeaseConfirmation { Worker = worker, Incarnation = 1, Call = 1, Lease = answer.Lease!.Value }, token)).Accepted);
            await server.ReturnAsync(new LeaseReturn { Worker = worker, Incarnation = 1, Call = 1, Lease = answer.Lease.Value, Outcome = Desk.Report(answer.Lease.Value, 0) }, token);
        });

        Assert.All((await server.ListWorkersAsync(new WorkerQuery(), deadline.Token)).Workers, record => Assert.Equal(4, record.Free.Slots));
        Assert.Empty(await server.HeadsAsync("default", 1, deadline.Token));
        Assert.Equal(Jobs, (await server.ListJobsAsync(new JobRowQuery { Limit = 1000 }, deadline.Token)).Rows.Count(row => row.Outcome is not null));
        await firstHost.StopAsync(deadline.Token);
        await secondHost.StopAsync(deadline.Token);
    }

    private static PoolSet Pools() => new([Pool()]);

    private static PoolOptions Pool() => new() { Profile = TimeProfile.Patient, Admission = new Admission { AllowProcess = true } };

    private static IHost Host(string database, INudge nudges)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddPostgresRegistry(DatabaseAddress.Parse(database), [Pool()], postgres: new PostgresOptions { CallWithin = TimeSpan.FromSeconds(30) });
        // Nothing is swept, and the queue is looked at because of notices.
        builder.Services.AddDispatchPlacement(new PlacementOptions { SweepEvery = TimeSpan.FromHours(1) });
        builder.Services.AddSingleton(nudges);
        builder.Services.AddSingleton<IRunStatus>(new OpenRuns());
        return builder.Build();
    }

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
