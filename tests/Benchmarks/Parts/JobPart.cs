using Dispatch.Benchmarks.Floors;
using Dispatch.Benchmarks.Loads;
using Dispatch.Benchmarks.Measuring;
using Dispatch.Benchmarks.Reporting;
using Dispatch.Benchmarks.Stack;
using Postgres.Fixture;
using Temporalio.Client;

namespace Dispatch.Benchmarks.Parts;

/// <summary>Plain processes through the whole of Dispatch.</summary>
internal static class JobPart
{
    private const string TrueSpec = """{"process":["/bin/true"]}""";
    /// <summary>Jobs before anything is counted: until then the runtime compiles what it finds to be used often, for up to 2 ms of processor time a job.</summary>
    private const int WarmUp = 4000;

    private const string DateSpec = """{"process":["/bin/date","+%s%N"]}""";

    /// <summary>All roles in one process, registry in memory.</summary>
    public static async Task InMemoryAsync(BenchmarkOptions options, Results results, ProcessFloors floors, ShapeFloor shape)
    {
        await using var stack = await MeasuredStack.OneProcessAsync(options);
        await SeriesAsync("one process, in memory", stack, options, results, floors, shape, aimPerSecond: 300);
    }

    /// <summary>The worker as a process of its own, registry in memory.</summary>
    public static async Task WorkerApartAsync(BenchmarkOptions options, Results results, ProcessFloors floors, ShapeFloor shape)
    {
        await using var stack = await MeasuredStack.WorkerApartAsync(options);
        await SeriesAsync("worker apart, in memory", stack, options, results, floors, shape, aimPerSecond: null);
    }

    /// <summary>All roles in one process, then each a process of its own, registry on a PostgreSQL that flushes its commits.</summary>
    public static async Task PostgresAsync(BenchmarkOptions options, Results results, ProcessFloors floors, ShapeFloor shape)
    {
        await using var postgres = await PostgresServer.StartAsync(durable: true);
        var database = await postgres.CreateDatabaseAsync();
        var commits = await BareCommit.MeasureAsync(database, options.Count(300));
        results.Add(new("floor", "PostgreSQL: insert of one row and its commit, alone, p50", commits.P50, "ms"));
        await using (var one = await MeasuredStack.OneProcessOnPostgresAsync(options, postgres, database))
            await SeriesAsync("one process, PostgreSQL", one, options, results, floors, shape, aimPerSecond: 220);
        await using var apart = await MeasuredStack.RolesApartAsync(options, postgres, await postgres.CreateDatabaseAsync());
        await SeriesAsync("each role apart, PostgreSQL", apart, options, results, floors, shape, aimPerSecond: null);
    }

    /// <summary>A few numbers of all roles in one process.</summary>
    public static async Task GlanceAsync(BenchmarkOptions options, Results results)
    {
        await using var stack = await MeasuredStack.OneProcessAsync(options);
        await GlanceAsync(stack, database: null, options, results);
    }

    /// <summary>A few numbers of all roles in one process, registry on a PostgreSQL that flushes its commits, and what that did for a job.</summary>
    public static async Task GlanceAtPostgresAsync(BenchmarkOptions options, Results results)
    {
        await using var postgres = await PostgresServer.StartAsync(durable: true, PostgresCounts.Settings);
        var database = await postgres.CreateDatabaseAsync();
        await PostgresServer.ExecuteAsync(database, "CREATE EXTENSION pg_stat_statements");
        await using var stack = await MeasuredStack.OneProcessOnPostgresAsync(options, postgres, database);
        await GlanceAsync(stack, database, options, results);
    }

    private static async Task GlanceAsync(MeasuredStack stack, string? database, BenchmarkOptions options, Results results)
    {
        var client = await stack.ConnectAsync();
        await new JobLoad(client, TrueSpec).RunAsync(options.Count(WarmUp), 16);
        var alone = new JobLoad(client, TrueSpec);
        await alone.RunAsync(options.Count(200), 1);
        results.Add(new("glance", "alone: submit → process started, p50", alone.Started.P50, "ms"));
        results.Add(new("glance", "alone: submit → result, p50", alone.Result.P50, "ms"));
        foreach (var inFlight in (int[])[16, 64])
        {
            var count = options.Count(2000, inFlight);
            var before = stack.ProcessorTimes();
            var countsBefore = database is null ? null : await PostgresCounts.ReadAsync(database);
            var load = new JobLoad(client, TrueSpec);
            await load.RunAsync(count, inFlight);
            results.Add(new("glance", $"{inFlight} in flight", count / load.Took.TotalSeconds, "jobs/s"));
            foreach (var (role, time) in stack.ProcessorTimes())
                results.Add(new("glance", $"{inFlight} in flight: processor time of {role}", (time - before[role]).Own / count, "ms/job"));
            if (database is null)
                continue;
            var each = PostgresCounts.Each(await PostgresCounts.ReadAsync(database), countsBefore!, count);
            foreach (var (what, value) in ((string, double)[])[("commits", each.Commits), ("statements", each.Statements), ("rows read and written", each.Rows), ("bytes of its log", each.WalBytes)])
                results.Add(new("glance", $"{inFlight} in flight: PostgreSQL's {what}", value, "/job"));
        }

        if (database is null)
            return;
        Console.WriteLine("\n| executed | planned | ms of one | of all | statement |\n|---|---|---|---|---|");
        foreach (var line in await PostgresCounts.DearestAsync(database, most: 16))
            Console.WriteLine(line);
    }

    private static async Task SeriesAsync(
        string part, MeasuredStack stack, BenchmarkOptions options, Results results, ProcessFloors floors, ShapeFloor shape, double? aimPerSecond)
    {
        var client = await stack.ConnectAsync();
        await new JobLoad(client, TrueSpec).RunAsync(options.Count(WarmUp), 16);
        var alone = new JobLoad(client, TrueSpec);
        await alone.RunAsync(options.Count(300), 1);
        const string FloorIs = "engine's shape of a job + bare spawn";
        const string ShapeIs = "engine's shape of a job, whole";
        results.Add(new(part, "alone: submit → process started, p50", alone.Started.P50, "ms") { Aim = aimPerSecond is null ? null : 7, Floor = shape.Alone.P50, FloorIs = ShapeIs });
        results.Add(new(part, "alone: submit → process started, p95", alone.Started.P95, "ms") { Floor = shape.Alone.P95, FloorIs = ShapeIs });
        results.Add(new(part, "alone: submit → result, p50", alone.Result.P50, "ms") { Aim = aimPerSecond is null ? null : 11, Floor = shape.Alone.P50 + floors.SpawnMs, FloorIs = FloorIs });
        results.Add(new(part, "alone: submit → result, p95", alone.Result.P95, "ms") { Floor = shape.Alone.P95 + floors.SpawnMs, FloorIs = FloorIs });
        results.Add(new(part, "alone: submit → the process's own first word, p50", await FirstWord.MeasureAsync(client, stack.Http, DateSpec, options.Count(50)), "ms") { Floor = shape.Alone.P50 + floors.SpawnMs, FloorIs = FloorIs });
        foreach (var (inFlight, count) in ((int, int)[])[(16, 2000), (64, 2000)])
        {
            var jobs = options.Count(count, inFlight);
            var before = stack.ProcessorTimes();
            var ownBefore = ProcessorTime.Of(Environment.ProcessId);
            var load = new JobLoad(client, TrueSpec);
            await load.RunAsync(jobs, inFlight);
            var after = stack.ProcessorTimes();
            results.Add(new(part, $"{inFlight} in flight", jobs / load.Took.TotalSeconds, "jobs/s")
            {
                Aim = inFlight == 16 ? aimPerSecond : null,
                MoreIsBetter = true,
                Floor = 1 / ((1 / shape.PerSecond) + (1 / floors.SpawnsPerSecond)),
                FloorIs = FloorIs,
            });
            foreach (var (name, samples) in ((string, Samples)[])[("process started", load.Started), ("result", load.Result)])
            {
                // The shape was measured with 16 in flight; with more, each waits for as many times that number as there are.
                var times = inFlight / 16.0;
                var floorIs = inFlight == 16 ? ShapeIs : $"{ShapeIs}, 16 in flight, times {times:0.#}";
                results.Add(new(part, $"{inFlight} in flight: submit → {name}, p50", samples.P50, "ms") { Floor = shape.Busy.P50 * times, FloorIs = floorIs });
                results.Add(new(part, $"{inFlight} in flight: submit → {name}, p95", samples.P95, "ms") { Floor = shape.Busy.P95 * times, FloorIs = floorIs });
            }

            var ofClient = (ProcessorTime.Of(Environment.ProcessId) - ownBefore).Own / jobs;
            foreach (var (role, time) in after)
                results.Add(new(part, $"{inFlight} in flight: processor time of {role}", (time - before[role]).Own / jobs, "ms/job"));
            results.Add(new(part, $"{inFlight} in flight: processor time of the client", ofClient, "ms/job"));
            results.Add(new(part, $"{inFlight} in flight: processor time of all", ofClient + after.Sum(role => (role.Value - before[role.Key]).Own / jobs), "ms/job") { Floor = shape.ProcessorMs, FloorIs = ShapeIs });
            await HistoryAsync(part, inFlight, client, load, shape, results);
        }
    }

    private static async Task HistoryAsync(string part, int inFlight, TemporalClient client, JobLoad load, ShapeFloor shape, Results results)
    {
        var events = new Samples();
        var bytes = new Samples();
        foreach (var job in load.Jobs.Where((_, number) => number % Math.Max(1, load.Jobs.Count / 20) == 0))
        {
            var history = await client.GetWorkflowHandle(job).FetchHistoryAsync();
            events.Add(history.Events.Count);
            bytes.Add(history.Events.Sum(one => one.CalculateSize()));
        }

        results.Add(new(part, $"{inFlight} in flight: history of a job, p50", events.P50, "events") { Aim = 18, Floor = shape.Events, FloorIs = "engine's shape of a job" });
        results.Add(new(part, $"{inFlight} in flight: history of a job, p50", bytes.P50, "bytes") { Floor = shape.Bytes, FloorIs = "engine's shape of a job" });
    }
}
