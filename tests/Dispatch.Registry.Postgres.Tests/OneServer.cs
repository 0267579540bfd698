using Dispatch.Registry.Postgres.Migrations;
using Postgres.Fixture;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>The one server of this assembly's tests.</summary>
public sealed class OneServer : IAsyncLifetime
{
    private int databases;

    public PostgresServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await PostgresServer.StartAsync(durable: false, PostgresCounts.Settings);
        await PostgresServer.ExecuteAsync(Server.ConnectionString("postgres"), "CREATE DATABASE migrated");
        var standing = await DatabaseMigrations.ApplyAsync(Server.ConnectionString("migrated"), CancellationToken.None);
        Assert.True(standing.Usable, standing.Message);
    }

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>A database with all tables, empty.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"registry_{Interlocked.Increment(ref databases)}";
        await PostgresServer.ExecuteAsync(Server.ConnectionString("postgres"), $"CREATE DATABASE {name} TEMPLATE migrated");
        return Server.ConnectionString(name);
    }
}

/// <summary>Tests that use the one server.</summary>
[CollectionDefinition(Name)]
public sealed class OnServer : ICollectionFixture<OneServer>
{
    public const string Name = "one server";
}
