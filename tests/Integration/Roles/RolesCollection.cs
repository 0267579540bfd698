using Postgres.Fixture;

namespace Dispatch.Integration.Tests.Roles;

/// <summary>One PostgreSQL for the tests of roles; each stack has a database of its own in it.</summary>
[CollectionDefinition(Name)]
public sealed class RolesCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "roles";
}

/// <summary>Starts and ends the server.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await PostgresServer.StartAsync();

    public async Task DisposeAsync()
    {
        if (Server is not null)
            await Server.DisposeAsync();
    }
}
