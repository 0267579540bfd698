using Dispatch.Registry.Postgres.Migrations;
using Npgsql;
using Postgres.Fixture;

namespace Dispatch.Registry.Postgres.Tests;

[Collection(OnServer.Name)]
public sealed class MigrationTests(OneServer one)
{
    [Fact]
    public async Task An_empty_database_is_told_to_be_migrated_and_is_up_to_date_after_that()
    {
        var database = await one.Server.CreateDatabaseAsync();
        var before = await CheckAsync(database);
        Assert.Equal(DatabaseStandingKind.NotDispatch, before.Kind);
        Assert.Contains("dispatch migrate", before.Message, StringComparison.Ordinal);
        Assert.Equal(DatabaseStandingKind.UpToDate, (await ApplyAsync(database)).Kind);
        Assert.Equal(DatabaseStandingKind.UpToDate, (await CheckAsync(database)).Kind);
        Assert.Equal(DatabaseStandingKind.UpToDate, (await ApplyAsync(database)).Kind);
    }

    [Fact]
    public async Task Several_programs_that_migrate_at_once_take_turns()
    {
        var database = await one.Server.CreateDatabaseAsync();
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ApplyAsync(database)));
        Assert.All(all, standing => Assert.Equal(DatabaseStandingKind.UpToDate, standing.Kind));
    }

    [Fact]
    public async Task A_database_that_lacks_a_migration_is_too_old_and_names_it()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.migration WHERE scriptname LIKE '0004%'; ALTER TABLE dispatch.registry DROP COLUMN id");
        var standing = await CheckAsync(database);
        Assert.Equal(DatabaseStandingKind.TooOld, standing.Kind);
        Assert.Contains("0004-identity.sql is missing", standing.Message, StringComparison.Ordinal);
        Assert.Equal(DatabaseStandingKind.UpToDate, (await ApplyAsync(database)).Kind);
    }

    [Theory]
    [InlineData("DROP TABLE dispatch.offer", "lacks what its migrations made: table offer. ")]
    [InlineData("ALTER TABLE dispatch.attempt DROP COLUMN message", "column attempt.message text. ")]
    [InlineData("ALTER TABLE dispatch.attempt ALTER COLUMN expiries TYPE bigint", "column attempt.expiries integer. ")]
    [InlineData("DROP INDEX dispatch.lease_one_a_job", "index lease.lease_one_a_job. ")]
    [InlineData("ALTER TABLE dispatch.attempt DROP CONSTRAINT attempt_held_since", "constraint attempt.attempt_held_since. ")]
    [InlineData("DROP TRIGGER gone ON dispatch.job", "trigger job.gone. ")]
    [InlineData("ALTER TABLE dispatch.job DISABLE TRIGGER gone", "trigger job.gone. ")]
    [InlineData("DROP SEQUENCE dispatch.row_number", "sequence row_number. ")]
    [InlineData("DROP FUNCTION dispatch.expect_rows", "function expect_rows(met bigint, wanted bigint). ")]
    [InlineData("DROP TABLE dispatch.offer, dispatch.outcome, dispatch.queue, dispatch.pool, dispatch.lease, dispatch.worker_start, dispatch.worker CASCADE", " and 2 more")]
    public async Task A_database_whose_tables_somebody_has_changed_is_not_used_and_what_it_lacks_is_named(string sql, string says)
    {
        var database = await one.Server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await PostgresServer.ExecuteAsync(database, sql);
        foreach (var standing in (DatabaseStanding[])[await CheckAsync(database), await ApplyAsync(database)])
        {
            Assert.Equal((DatabaseStandingKind.Changed, false), (standing.Kind, standing.Usable));
            Assert.Contains(says, standing.Message, StringComparison.Ordinal);
            Assert.Contains("restore a backup", standing.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_more_than_the_migrations_made_is_left_alone()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await PostgresServer.ExecuteAsync(database, "CREATE TABLE dispatch.notes (note text); ALTER TABLE dispatch.job ADD COLUMN ticket text; CREATE INDEX mine ON dispatch.attempt (worker)");
        Assert.Equal(DatabaseStandingKind.UpToDate, (await CheckAsync(database)).Kind);
    }

    [Fact]
    public async Task Tables_whose_migrations_nobody_recorded_are_told_with_what_records_them()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.migration WHERE scriptname LIKE '0002%'");
        var standing = await ApplyAsync(database);
        Assert.Equal(DatabaseStandingKind.Changed, standing.Kind);
        Assert.Equal(standing, await CheckAsync(database));
        await PostgresServer.ExecuteAsync(database, standing.Message.Split('`')[1]);
        Assert.Equal(DatabaseStandingKind.UpToDate, (await CheckAsync(database)).Kind);
    }

    [Fact]
    public async Task The_schema_s_file_says_what_the_migrations_make()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await using var connection = new Npgsql.NpgsqlConnection(database);
        await connection.OpenAsync();
        Assert.Equal(await SchemaCheck.ReadAsync(connection), SchemaCheck.Expected);
    }

    [Fact]
    public async Task A_database_with_migrations_that_this_program_does_not_know_is_too_new_and_is_left_alone()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await PostgresServer.ExecuteAsync(database, "INSERT INTO dispatch.migration (scriptname, applied) VALUES ('9999-of-tomorrow.sql', now())");
        Assert.Equal(DatabaseStandingKind.TooNew, (await CheckAsync(database)).Kind);
        var standing = await ApplyAsync(database);
        Assert.Equal(DatabaseStandingKind.TooNew, standing.Kind);
        Assert.Contains("9999-of-tomorrow.sql", standing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_that_name_with_other_tables_is_not_dispatch_and_is_left_alone()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await PostgresServer.ExecuteAsync(database, "CREATE SCHEMA dispatch; CREATE TABLE dispatch.taxis (plate text)");
        var standing = await ApplyAsync(database);
        Assert.Equal(DatabaseStandingKind.NotDispatch, standing.Kind);
        Assert.Contains("a database of its own", standing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_whose_table_of_migrations_is_gone_is_still_dispatchs_and_is_to_be_restored()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await PostgresServer.ExecuteAsync(database, "DROP TABLE dispatch.migration");
        foreach (var standing in (DatabaseStanding[])[await CheckAsync(database), await ApplyAsync(database)])
        {
            Assert.Equal(DatabaseStandingKind.Changed, standing.Kind);
            Assert.Contains("not table dispatch.migration", standing.Message, StringComparison.Ordinal);
            Assert.Contains("from a backup", standing.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_database_that_asks_for_a_password_is_told_how_one_is_given()
    {
        var database = await one.Server.CreateDatabaseAsync();
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        await using var source = NpgsqlDataSource.Create(one.Server.ConnectionString("postgres"));
        var file = await source.CreateCommand("SHOW hba_file").ExecuteScalarAsync();
        await source.CreateCommand($"COPY (VALUES ('host {name} all all scram-sha-256'), ('local all all trust'), ('host all all all trust')) TO '{file}'").ExecuteNonQueryAsync();
        await source.CreateCommand("SELECT pg_reload_conf()").ExecuteNonQueryAsync();
        var (standing, since) = (await CheckAsync(database), TimeProvider.System.GetTimestamp());
        while (standing.Kind != DatabaseStandingKind.Unreachable && TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(30)) standing = await CheckAsync(database);
        Assert.Equal($"Database {name} at 127.0.0.1:{one.Server.Port} asks for a password, and its address has none. Write {DatabaseAddress.Form}.", standing.Message);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_what_to_take_out()
    {
        var database = await one.Server.CreateDatabaseAsync();
        var standing = await CheckAsync(database + ";SSL Mode=Require");
        Assert.Equal(DatabaseStandingKind.Unreachable, standing.Kind);
        Assert.Contains("has no TLS, which its address asks for. Take sslmode out of the address", standing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_a_connection_left_is_told_what_to_raise()
    {
        var database = await one.Server.CreateDatabaseAsync();
        await PostgresServer.ExecuteAsync(database, "CREATE ROLE crowded LOGIN CONNECTION LIMIT 0");
        var standing = await CheckAsync(database.Replace("Username=dispatch", "Username=crowded", StringComparison.Ordinal));
        Assert.Contains("has no connection left: too many connections for role \"crowded\" (53300). Each process of Dispatch keeps up to 16 and three of its own: raise max_connections", standing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Database=d;Timeout=2", "does not answer")]
    [InlineData("postgres://u@127.0.0.1:1/d", "d at 127.0.0.1:1 does not answer")]
    [InlineData("Host=127.0.0.1;Colour=red", "cannot be read")]
    [InlineData("postgres://u:secret@:port/", "cannot be read")]
    [InlineData("Username=u", "names no host")]
    public async Task A_database_that_is_not_there_is_unreachable_and_the_message_says_why(string address, string says)
    {
        var standing = await CheckAsync(address);
        Assert.Equal(DatabaseStandingKind.Unreachable, standing.Kind);
        Assert.Contains(says, standing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", standing.Message, StringComparison.Ordinal);
        Assert.Equal(DatabaseStandingKind.Unreachable, (await ApplyAsync(address)).Kind);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_on_a_server_that_does_is_named()
    {
        var standing = await CheckAsync(one.Server.ConnectionString("nowhere"));
        Assert.Equal(DatabaseStandingKind.Unreachable, standing.Kind);
        Assert.Contains("There is no database nowhere", standing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_settings_that_are_recommended_exist()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Dispatch.sln"))) root = root.Parent!;
        var lines = await File.ReadAllLinesAsync(Path.Combine(root.FullName, "infra", "postgres", "settings.conf"));
        var names = lines.Where(line => line.Contains('=', StringComparison.Ordinal) && !line.StartsWith('#')).Select(line => line.Split('=')[0].Trim()).ToArray();
        Assert.NotEmpty(names);
        await using var connection = new Npgsql.NpgsqlConnection(one.Server.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new Npgsql.NpgsqlCommand("SELECT count(*) FROM pg_settings WHERE name = ANY($1)", connection);
        command.Parameters.AddWithValue(names);
        Assert.Equal((long)names.Length, await command.ExecuteScalarAsync());
    }

    private static Task<DatabaseStanding> CheckAsync(string database) => DatabaseMigrations.CheckAsync(database, CancellationToken.None);

    private static Task<DatabaseStanding> ApplyAsync(string database) => DatabaseMigrations.ApplyAsync(database, CancellationToken.None);
}
