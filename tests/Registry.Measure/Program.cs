using System.Globalization;
using Dispatch.Registry;
using Dispatch.Registry.Memory;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres;
using Dispatch.Registry.Postgres.Migrations;
using Npgsql;
using Postgres.Fixture;
using Registry.Measure;

// Lives of leases a second, in memory and on a PostgreSQL that flushes its commits, beside bare commits in the same run.
var seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 4;
var time = TimeSpan.FromSeconds(seconds);
await using var server = await PostgresServer.StartAsync(durable: true);
var database = await server.CreateDatabaseAsync();
var standing = await DatabaseMigrations.ApplyAsync(database, CancellationToken.None);
if (!standing.Usable) throw new InvalidOperationException(standing.Message);
var pools = new PoolSet([]);
var memory = new InMemoryRegistry(pools, new RegistryOptions(), TimeProvider.System);
await using var postgres = await PostgresRegistry.OpenAsync(database, pools, new RegistryOptions());
await LeaseLives.RegisterWorkersAsync(memory);
await LeaseLives.RegisterWorkersAsync(postgres);
await PostgresServer.ExecuteAsync(database, "CREATE TABLE bare (number bigint)");
await using var source = NpgsqlDataSource.Create(database + ";Max Auto Prepare=10;Auto Prepare Min Usages=1;No Reset On Close=true");
await LeaseLives.MeasureAsync("warm", postgres, 8, TimeSpan.FromSeconds(2));
Console.WriteLine("| what | clients | a second | p50 ms | p95 ms |\n|---|---|---|---|---|");
foreach (var clients in new[] { 1, 8, 32 })
{
    Print(await LeaseLives.RepeatAsync("bare commit", clients, time, async (_, number) =>
    {
        await using var command = source.CreateCommand("INSERT INTO bare VALUES ($1)");
        command.Parameters.AddWithValue((long)number);
        await command.ExecuteNonQueryAsync();
    }));
    Print(await LeaseLives.MeasureAsync("lease life, PostgreSQL", postgres, clients, time));
    Print(await LeaseLives.MeasureAsync("lease life, memory", memory, clients, TimeSpan.FromSeconds(1)));
}

static void Print(Measured one) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {one.What} | {one.Clients} | {one.PerSecond:0} | {one.P50:0.00} | {one.P95:0.00} |"));
