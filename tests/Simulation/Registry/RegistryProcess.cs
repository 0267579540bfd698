using Dispatch.Contracts;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Jobs;
using Dispatch.Registry;
using Dispatch.Registry.Memory;
using Dispatch.Registry.Pools;
using Dispatch.Simulation.Time;

namespace Dispatch.Simulation.Registry;

/// <summary>The registry: its rows survive its crashes, as a database's do; what is under way then is lost.</summary>
internal sealed class RegistryProcess : Process
{
    private int leases;

    public RegistryProcess(World world, Machine machine, TimeProfile profile)
        : base(world, "registry", machine)
    {
        var pool = new PoolOptions { Profile = profile, Admission = new Admission { AllowProcess = true } };
        Pools = new PoolSet([pool]);
        Rows = new InMemoryRegistry(Pools, new RegistryOptions(), new MachineClock(this), () => new LeaseId($"L{++leases}"));
    }

    public PoolSet Pools { get; }

    public InMemoryRegistry Rows { get; }

    /// <summary>The result of a statement; the registry in memory answers at once.</summary>
    public T Now<T>(Func<IRegistry, Task<T>> statement)
    {
        var result = statement(World.Mutant.Over(World, Rows));
        if (!result.IsCompleted) throw new InvalidOperationException("The registry in memory did not answer at once.");
        return result.GetAwaiter().GetResult();
    }
}
