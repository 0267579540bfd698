using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Placement;
using Dispatch.Placement.Placing;
using Dispatch.Placement.Queueing;
using Dispatch.Placement.Routers;
using Dispatch.Simulation.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dispatch.Simulation.Registry;

/// <summary>The placer of one host: the production code, each ask with statements that travel. Nudges and the queue's turns run beside it.</summary>
/// <remarks>Asks under way at once have placers of their own, as asks of different hosts have.</remarks>
internal sealed class PlacerProcess
{
    private readonly World world;
    private readonly Process host;
    private readonly Link link;
    private readonly PlacementOptions options = new();
    private readonly Stack<(Placer Placer, PoolQueues Queues, QueueTurn Turns)> idle = [];
    private bool turning;
    private bool hinted;

    public PlacerProcess(World world, Process host)
    {
        this.world = world;
        this.host = host;
        link = new(world, $"{host.Name}~registry");
        RunsLink = new(world, $"{host.Name}~describe");
        Remote = new(host, link);
    }

    public Link Link => link;

    public Link RunsLink { get; }

    public RemoteRegistry Remote { get; }

    public void Begin()
    {
        idle.Clear();
        turning = false;
        var clock = options.QueuePoll;
        host.Every(clock, TakeTurn);
    }

    public void Place(PlaceAsk ask, Action<PlaceAnswer> answered)
    {
        world.Log(host.Name, $"asks {ask.Ask} for {ask.Job} attempt {ask.Attempt}{(ask.Final ? " final" : "")}{(ask.GiveBack is { } given ? $" gives back {given}" : "")}{(ask.SeenReturned is { } seen ? $" saw {seen}" : "")}");
        var parts = idle.Count > 0 ? idle.Pop() : Make();
        var life = host.Life;
        Once.Done(world, parts.Placer.PlaceAsync(ask, CancellationToken.None), (answer, error) =>
        {
            if (life == host.Life) idle.Push(parts);
            if (error is not null and not Contracts.Errors.DispatchException) throw new InvalidOperationException("The placer failed.", error);
            answer ??= new() { Kind = PlaceAnswerKind.Unavailable, Attempt = ask.Attempt, Why = error?.Message };
            world.Log(host.Name, $"{ask.Job} ask {ask.Ask} → {answer.Kind} attempt {answer.Attempt} {answer.Lease} {answer.Worker}/{answer.Incarnation}{(answer.Expired ? " expired" : "")} {answer.Why}");
            answered(answer);
        });
    }

    public void Settle(Settlement settlement, Action done) => Once.Done(
        world,
        Remote.SettleAsync(settlement, CancellationToken.None).ContinueWith(ended => ended.IsCompletedSuccessfully, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default),
        (_, _) => done());

    /// <summary>A hint that the queue should have its turn.</summary>
    public void Hint()
    {
        if (hinted || !host.Up) return;
        hinted = true;
        host.After(world.Chance.Span(0.0005, 0.01), () =>
        {
            hinted = false;
            TakeTurn();
        });
    }

    private void TakeTurn()
    {
        hinted = false;
        if (turning) return;
        turning = true;
        var parts = idle.Count > 0 ? idle.Pop() : Make();
        var life = host.Life;
        Once.Done(world, parts.Turns.TakeAsync(parts.Queues.Find("default")!, CancellationToken.None), (turn, error) =>
        {
            if (life != host.Life) return;
            turning = false;
            if (error is null) idle.Push(parts);
            if (turn.More) Hint();
        });
    }

    private (Placer Placer, PoolQueues Queues, QueueTurn Turns) Make()
    {
        var clock = new MachineClock(host);
        var pools = world.Registry.Pools;
        var queues = new PoolQueues(pools, new RouterSet(pools, [], [], [], clock), options);
        var turns = new QueueTurn(Remote, options, clock, NullLogger<QueueTurn>.Instance);
        return (new Placer(Remote, queues, turns, new RemoteRuns(world, host, RunsLink), options, clock, NullLogger<Placer>.Instance), queues, turns);
    }
}

/// <summary>Temporal's word on a run, over a link.</summary>
internal sealed class RemoteRuns(World world, Process from, Link link) : IRunStatus
{
    public Task<RunDescription> DescribeAsync(JobId job, string runId, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<RunDescription>();
        link.Ask(
            from,
            () => true,
            () => world.Temporal.Describe(job, runId),
            (came, run) =>
            {
                if (came) answer.TrySetResult(run!);
                else answer.TrySetException(new TimeoutException("Temporal did not answer."));
            },
            TimeSpan.FromSeconds(2));
        return answer.Task;
    }
}
