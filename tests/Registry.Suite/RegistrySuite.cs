using Dispatch.Contracts.Ids;
using Dispatch.Registry;
using Dispatch.Registry.Pools;

namespace Registry.Suite;

/// <summary>Makes registries of one implementation, each empty; disposing it ends all that it made.</summary>
public interface IRegistryMaker : IAsyncDisposable
{
    Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<LeaseId> newLease);
}

/// <summary>Rules that every registry keeps, whatever its rows are kept in.</summary>
public abstract class RegistrySuite(IRegistryMaker maker) : IAsyncLifetime
{
    protected static CancellationToken None => CancellationToken.None;

    protected Desk Desk { get; private set; } = null!;

    public async Task InitializeAsync() => Desk = await NewDeskAsync();

    public async Task DisposeAsync() => await maker.DisposeAsync();

    /// <summary>Another registry of the same kind, empty.</summary>
    protected Task<Desk> NewDeskAsync(RegistryOptions? options = null) => Suite.Desk.OpenAsync(maker, options);
}
