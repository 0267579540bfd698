using Dispatch.Integration.Tests.Stack;
using Npgsql;

namespace Dispatch.Integration.Tests.Roles;

/// <summary>All roles in one process, with the registry in PostgreSQL.</summary>
[Collection(RolesCollection.Name)]
public sealed class DevOnDatabaseTests(PostgresFixture postgres)
{
    [Fact]
    public async Task An_empty_database_gets_its_tables_and_holds_the_registry_of_one_dev_after_the_other()
    {
        var database = await postgres.Server.CreateDatabaseAsync();
        for (var life = 1; life <= 2; life++)
        {
            // Once by the option, once by the environment.
            await using var stack = life == 1
                ? await DevStack.StartAsync(["--runtimes", "process", "--database", database])
                : await DevStack.StartAsync(["--runtimes", "process"], environment: new Dictionary<string, string> { ["DISPATCH_DATABASE"] = database });
            Assert.Contains($"  registry   {new NpgsqlConnectionStringBuilder(database).Database} at 127.0.0.1:", stack.Dev.Out, StringComparison.Ordinal);
            Assert.Equal("hello\n", (await stack.CliAsync("run", "--id", $"life-{life}", "--process", "--", "echo", "hello")).Ok());
            await stack.NothingLeftAsync();
            Assert.Equal(life, await CountAsync(database, "SELECT count(*) FROM dispatch.attempt WHERE state = 'Returned'"));
        }
    }

    private static async Task<long> CountAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
