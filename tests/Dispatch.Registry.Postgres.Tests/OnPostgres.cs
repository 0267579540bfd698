using Dispatch.Contracts.Ids;
using Dispatch.Registry.Pools;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>Registries on the one server, each in a database of its own.</summary>
public sealed class OnPostgres(OneServer one) : IRegistryMaker
{
    private readonly List<IAsyncDisposable> opened = [];

    public async Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId> newLease)
    {
        var database = await one.NewDatabaseAsync();
        return await OpenAsync(database, pools, options, time, newLease);
    }

    /// <summary>Another process on a database.</summary>
    public async Task<PostgresRegistry> OpenAsync(string database, PoolSet? pools = null, RegistryOptions? options = null, TimeProvider? time = null, Func<LeaseId>? newLease = null, PostgresOptions? postgres = null)
    {
        // The machine may be busy with other tests: only the tests of outages are about the bound.
        var registry = await PostgresRegistry.OpenAsync(
            database, pools ?? new PoolSet([]), options ?? new RegistryOptions(), postgres ?? new PostgresOptions { CallWithin = TimeSpan.FromSeconds(30) }, time, newLease);
        opened.Add(registry);
        return registry;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var registry in opened) await registry.DisposeAsync();
    }
}

[Collection(OnServer.Name)]
public sealed class LeaseStateTests(OneServer one) : LeaseStateSuite(new OnPostgres(one));

[Collection(OnServer.Name)]
public sealed class SimplerRulesTests(OneServer one) : SimplerRulesSuite(new OnPostgres(one));

[Collection(OnServer.Name)]
public sealed class WorkerTests(OneServer one) : WorkerSuite(new OnPostgres(one));

[Collection(OnServer.Name)]
public sealed class ReadingTests(OneServer one) : ReadingSuite(new OnPostgres(one));

[Collection(OnServer.Name)]
public sealed class AtOnceTests(OneServer one) : AtOnceSuite(new OnPostgres(one));
