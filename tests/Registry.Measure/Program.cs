using System.Globalization;
using Dispatch.Registry;
using Dispatch.Registry.Memory;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres;
using Dispatch.Registry.Postgres.Migrations;
using Npgsql;
using Postgres.Fixture;
using Registry.Measure;

// Lives of leases a second, in memory and on a PostgreSQL that flushes its commits, beside bare commits in the same run; and what one life costs.
var seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 4;
var time = TimeSpan.FromSeconds(seconds);
await using var server = await PostgresServer.StartAsync(durable: true, PostgresCounts.Settings, "pg_stat_statements.track=all", "pg_stat_statements.track_planning=on");
var database = await server.CreateDatabaseAsync();
var standing = await DatabaseMigrations.ApplyAsync(database, CancellationToken.None);
if (!standing.Usable) throw new InvalidOperationException(standing.Message);
var pools = new PoolSet([]);
var memory = new InMemoryRegistry(pools, new RegistryOptions(), TimeProvider.System);
await using var postgres = await PostgresRegistry.OpenAsync(database, pools, new RegistryOptions());
await LeaseLives.RegisterWorkersAsync(memory);
await LeaseLives.RegisterWorkersAsync(postgres);
await PostgresServer.ExecuteAsync(database, "CREATE TABLE bare (number bigint); CREATE EXTENSION pg_stat_statements");
await using var source = NpgsqlDataSource.Create(database + ";Max Auto Prepare=10;Auto Prepare Min Usages=1;No Reset On Close=true");
await LeaseLives.MeasureAsync("warm", postgres, 8, TimeSpan.FromSeconds(4));
using var counting = Costs.CountRoundTrips();
Console.WriteLine("| what | clients | a second | p50 ms | p95 ms |\n|---|---|---|---|---|");
var costs = new List<string>();
foreach (var clients in new[] { 1, 8, 32 })
{
    Print(await LeaseLives.RepeatAsync("bare commit", clients, time, async (_, number) =>
    {
        await using var command = source.CreateCommand("INSERT INTO bare VALUES ($1)");
        command.Parameters.AddWithValue((long)number);
        await command.ExecuteNonQueryAsync();
    }));
    var before = await Costs.ReadAsync(server, database);
    var lives = await LeaseLives.MeasureAsync("lease life, PostgreSQL", postgres, clients, time);
    var each = Costs.Each(await Costs.ReadAsync(server, database), before, lives.Count);
    costs.Add(string.Create(
        CultureInfo.InvariantCulture,
        $"| {clients} | {each.RoundTrips:0.00} | {each.Statements:0.0} | {each.Commits:0.00} | {each.Flushes:0.00} | {each.WalBytes:0} | {each.ClientMs:0.00} | {each.DatabaseMs:0.00} |"));
    Print(lives);
    Print(await LeaseLives.MeasureAsync("lease life, memory", memory, clients, TimeSpan.FromSeconds(1)));
}

Console.WriteLine("\n| one life, clients | round trips | statements | commits | flushes | bytes of log | processor ms, registry | processor ms, database |\n|---|---|---|---|---|---|---|---|");
foreach (var line in costs) Console.WriteLine(line);
Console.WriteLine("\n| executed | planned | ms of one | of all | statement |\n|---|---|---|---|---|");
foreach (var line in await PostgresCounts.DearestAsync(database, most: 16)) Console.WriteLine(line);

static void Print(Measured one) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {one.What} | {one.Clients} | {one.PerSecond:0} | {one.P50:0.00} | {one.P95:0.00} |"));
