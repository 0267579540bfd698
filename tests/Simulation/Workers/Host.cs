using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Workers;
using Dispatch.Simulation.Time;

namespace Dispatch.Simulation.Workers;

/// <summary>A worker's host: machine, disk, runtime, worker and guard.</summary>
internal sealed class Host
{
    public Host(World world, string name, WorkerId id, double speed, int slots)
    {
        Machine = new(world, name, speed);
        Runtime = new(world, this);
        Slots = slots;
        Worker = new(world, id, this);
        Guard = new(world, this);
    }

    public Machine Machine { get; }

    public Disk Disk { get; } = new();

    public RuntimeModel Runtime { get; }

    public WorkerProcess Worker { get; }

    public GuardProcess Guard { get; }

    public int Slots { get; }

    /// <summary>When something was last wrong with it.</summary>
    public TimeSpan TroubledAt { get; set; } = TimeSpan.MinValue;

    /// <summary>When worker and guard were last both dead.</summary>
    public TimeSpan UnwatchedAt { get; set; } = TimeSpan.MinValue;

    public WorkerHost Identity => new(Machine.Name, Machine.BootId, $"data-{Machine.Name}", new Dictionary<string, string> { ["docker"] = $"docker-{Machine.Name}" });
}
