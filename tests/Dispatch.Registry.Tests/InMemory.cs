using Dispatch.Contracts.Ids;
using Dispatch.Registry.Memory;
using Dispatch.Registry.Pools;
using Registry.Suite;

namespace Dispatch.Registry.Tests;

/// <summary>Registries in memory.</summary>
internal sealed class InMemory : IRegistryMaker
{
    public Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId> newLease) =>
        Task.FromResult<IRegistry>(new InMemoryRegistry(pools, options, time, newLease));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class LeaseStateTests() : LeaseStateSuite(new InMemory());

public sealed class SimplerRulesTests() : SimplerRulesSuite(new InMemory());

public sealed class WorkerTests() : WorkerSuite(new InMemory());

public sealed class ReadingTests() : ReadingSuite(new InMemory());

public sealed class AtOnceTests() : AtOnceSuite(new InMemory());
