using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Placement;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Postgres.Fixture;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>What placing costs the database, in statements and rows: numbers that a long queue does not raise.</summary>
[Collection(OnServer.Name)]
public sealed class CostTests(OneServer one)
{
    private const int Few = 5;
    private const int Many = 400;

    /// <summary>Numbers of rows are drawn for 64 newcomers at a time, by whoever finds none left.</summary>
    private const long DrawnNowAndThen = 100;

    [Fact]
    public async Task What_placing_a_newcomer_reads_does_not_grow_with_those_who_wait()
    {
        var database = await one.NewDatabaseAsync();
        await PostgresServer.ExecuteAsync(database, "CREATE EXTENSION pg_stat_statements SCHEMA public");
        // Never started: nothing is done but what is asked here.
        using var host = Host(database);
        var registry = host.Services.GetRequiredService<IRegistry>();
        await registry.RegisterAsync(
            new WorkerRegistration
            {
                Worker = new WorkerId("w"),
                StartId = "s",
                Host = new WorkerHost("machine", "boot", "data", new Dictionary<string, string> { ["process"] = "p" }),
                Version = "1",
                Capacity = new WorkerCapacity { Slots = 1000, Cpu = 4, MemoryBytes = 1L << 40 },
                Runtimes = ["process"],
            },
            CancellationToken.None);
        var placer = host.Services.GetRequiredService<IPlacer>();
        var waiting = 0;
        await FillAsync(Few);
        var few = await NewcomerAsync("first");
        await FillAsync(Many);
        var many = await NewcomerAsync("second");
        Assert.Equal(Many, (await registry.CandidatesAsync("default", CancellationToken.None)).Queued);
        Assert.InRange(many.Statements, 1, few.Statements + 20);
        Assert.InRange(many.Rows, 1, few.Rows + DrawnNowAndThen);

        async Task FillAsync(int most)
        {
            for (; waiting < most; waiting++) Assert.Equal(PlaceAnswerKind.Waiting, (await placer.PlaceAsync(PlacerParts.Ask(new($"waits-{waiting}"), ask: 1, cpu: 5), CancellationToken.None)).Kind);
        }

        async Task<(long Statements, long Rows)> NewcomerAsync(string job)
        {
            var before = await CountsAsync(database);
            var answer = await placer.PlaceAsync(PlacerParts.Ask(new(job), ask: 1, cpu: 1), CancellationToken.None);
            var after = await CountsAsync(database);
            Assert.Equal(PlaceAnswerKind.Offered, answer.Kind);
            return (after.Statements - before.Statements, after.Rows - before.Rows);
        }
    }

    [Fact]
    public async Task After_a_pause_a_newcomer_costs_a_process_that_is_alone_what_it_costs_without_one()
    {
        var database = await one.NewDatabaseAsync();
        await PostgresServer.ExecuteAsync(database, "CREATE EXTENSION pg_stat_statements SCHEMA public");
        var time = new MovedTime();
        var pools = new PoolSet([new PoolOptions { Admission = new Admission { AllowProcess = true } }]);
        await using var registry = await PostgresRegistry.OpenAsync(
            database, pools, new RegistryOptions(), new PostgresOptions { CallWithin = TimeSpan.FromSeconds(30), PollEvery = TimeSpan.FromHours(1), Alone = true }, time);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var jobs = 0;
        var first = await NewcomerAsync();
        var next = await NewcomerAsync();
        while (next >= first)
        {
            // Its look at everything may still be under way.
            deadline.Token.ThrowIfCancellationRequested();
            next = await NewcomerAsync();
        }

        time.Ahead = TimeSpan.FromHours(1);

        Assert.Equal(next, await NewcomerAsync());

        async Task<long> NewcomerAsync()
        {
            var ask = PlacerParts.Ask(new($"job-{jobs++}"), ask: 1, cpu: 1);
            var facts = JobFacts.Of(ask.Job, new JobSpec { Process = ["true"] });
            var before = await CountsAsync(database);
            await registry.AskAsync(new AskStatement(ask, facts, facts.Shape()), deadline.Token);
            return (await CountsAsync(database)).Statements - before.Statements;
        }
    }

    private static async Task<(long Statements, long Rows)> CountsAsync(string database)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT sum(calls)::bigint, sum(rows)::bigint FROM public.pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    private static IHost Host(string database)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging();
        builder.Services.AddPostgresRegistry(
            DatabaseAddress.Parse(database), [new PoolOptions { Profile = Contracts.TimeProfile.Patient, Admission = new Admission { AllowProcess = true } }],
            postgres: new PostgresOptions { CallWithin = TimeSpan.FromSeconds(30), PollEvery = TimeSpan.FromHours(1), Alone = true });
        builder.Services.AddDispatchPlacement();
        builder.Services.AddSingleton<INudge>(new NoNudges());
        builder.Services.AddSingleton<IRunStatus>(new OpenRuns());
        return builder.Build();
    }

    private sealed class MovedTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }

    private sealed class NoNudges : INudge
    {
        public Task NudgeAsync(JobId job, string runId, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
