using Dispatch.Contracts.Ids;
using Dispatch.Placement;
using Dispatch.Placement.Sweeping;
using Dispatch.Registry.Expiry;
using Dispatch.Simulation.Time;
using Dispatch.Workflows.Jobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dispatch.Simulation.Registry;

/// <summary>Expirer and sweeper, the production code, and the nudges that follow from changes.</summary>
internal sealed class ServerProcess : Process
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(15);
    private readonly HashSet<(JobId, string)> nudging = [];

    public ServerProcess(World world, Machine machine)
        : base(world, "server", machine)
    {
        Link = new(world, "server~registry");
        TemporalLink = new(world, "server~temporal");
    }

    public Link Link { get; }

    public Link TemporalLink { get; }

    public override void Start()
    {
        base.Start();
        nudging.Clear();
        var clock = new MachineClock(this);
        var remote = new RemoteRegistry(this, Link);
        var expirer = new Expirer(remote, new ExpirerOptions(), clock, NullLogger<Expirer>.Instance);
        After(LookEvery, () => Look(expirer));
        After(SweepEvery, () => Sweep(new Sweeper(remote, new RemoteRuns(World, this, TemporalLink), new PlacementOptions(), clock, NullLogger<Sweeper>.Instance)));
    }

    /// <summary>A row's change says that a workflow should ask again.</summary>
    public void NudgeDue(JobId job, string runId)
    {
        if (!Up || !nudging.Add((job, runId))) return;
        After(World.Chance.Span(0.0005, 0.02), () =>
        {
            nudging.Remove((job, runId));
            if (World.Profile.Nudges) TemporalLink.Tell(() => true, () => Nudge(World, job, runId));
        });
    }

    public static void Nudge(World world, JobId job, string runId)
    {
        foreach (var run in world.Temporal.Runs)
        {
            if (run.Job == job && run.RunId == runId) world.Temporal.Append(run, new JobInput.Nudged());
        }
    }

    private void Look(Expirer expirer) => Once.Done(World, Awaited(expirer.LookAsync(CancellationToken.None)), (_, _) => After(LookEvery, () => Look(expirer)));

    private void Sweep(Sweeper sweeper) => Once.Done(World, sweeper.SweepAsync(CancellationToken.None), (_, _) => After(SweepEvery, () => Sweep(sweeper)));

    private static async Task<bool> Awaited(Task task)
    {
        await task.ConfigureAwait(false);
        return true;
    }
}
