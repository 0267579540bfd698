using Dispatch.Contracts.Workers;

namespace Dispatch.Workers;

/// <summary>What the machine has.</summary>
public static class MachineCapacity
{
    /// <summary>Slots that <c>dispatch dev</c> declares.</summary>
    public const int DevSlots = 64;

    /// <summary>The machine's cores and memory, as far as the process may use them.</summary>
    /// <param name="slots">Most leases at once; null is one.</param>
    /// <returns>The capacity.</returns>
    public static WorkerCapacity Of(int? slots) => new()
    {
        Slots = slots,
        Cpu = Environment.ProcessorCount,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
    };
}
