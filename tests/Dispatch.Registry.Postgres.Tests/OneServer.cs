using Postgres.Fixture;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>The one server of this assembly's tests.</summary>
public sealed class OneServer : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await PostgresServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();
}

/// <summary>Tests that use the one server.</summary>
[CollectionDefinition(Name)]
public sealed class OnServer : ICollectionFixture<OneServer>
{
    public const string Name = "one server";
}
