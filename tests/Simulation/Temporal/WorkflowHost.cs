using Dispatch.Contracts.Placing;
using Dispatch.Simulation.Registry;
using Dispatch.Simulation.Time;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Temporal;

/// <summary>A workflow host: does workflow tasks, and the two local activities with the placer in its own process.</summary>
internal sealed class WorkflowHost : Process
{
    /// <summary>An answer of the placer that comes later is none.</summary>
    private static readonly TimeSpan PlaceWithin = TimeSpan.FromSeconds(2.5);

    public WorkflowHost(World world, string name, Machine machine)
        : base(world, name, machine)
    {
        Link = new(world, $"{name}~temporal");
        Placing = new(world, this);
    }

    public Link Link { get; }

    public PlacerProcess Placing { get; }

    public override void Start()
    {
        base.Start();
        Placing.Begin();
    }

    /// <summary>Does one task: the machine's steps, with asks between them, then all commands at once.</summary>
    public void Take(Run run, int task, JobProgress progress, IReadOnlyList<JobInput> events)
    {
        if (run.Closed || run.Task != task) return;
        new TaskUnderWay(this, run, task, progress).Step([.. events]);
    }

    private sealed class TaskUnderWay(WorkflowHost host, Run run, int task, JobProgress progress)
    {
        private readonly List<JobAction> commands = [];
        private readonly DateTimeOffset now = host.World.Utc;
        private JobProgress at = progress;
        private int open;

        public void Step(IReadOnlyList<JobInput> happened)
        {
            var inputs = host.World.Mutant.Happened(host.World, run, at, happened);
            var step = JobMachine.Step(at, inputs, now, run.Draw, revision => host.World.Mutant.Follows(revision) && (revision != JobRevisions.Third || run.WasReset));
            host.World.Oracle.Hold(run, at, step.Progress);
            at = step.Progress;
            foreach (var action in step.Actions)
            {
                switch (action)
                {
                    case JobAction.Ask ask: Ask(ask.Question); break;
                    case JobAction.Settle settle: Settle(settle.Settlement); break;
                    default: commands.Add(action); break;
                }
            }

            if (open > 0) return;
            var (done, all) = (at, commands.ToArray());
            host.Link.Tell(() => true, () => host.World.Temporal.Complete(run, task, done, all));
        }

        private void Ask(PlaceAsk ask) => Local<PlaceAnswer>(
            PlaceWithin,
            answered => host.Placing.Place(ask, answered),
            answer => new JobInput.Placed(answer ?? new() { Kind = PlaceAnswerKind.Unavailable, Attempt = ask.Attempt, Why = "no answer" }));

        private void Settle(Settlement settlement) => Local<string>(
            TimeSpan.FromSeconds(1),
            answered => host.Placing.Settle(settlement, () => answered("settled")),
            _ => new JobInput.Settled());

        private void Local<T>(TimeSpan limit, Action<Action<T>> begin, Func<T?, JobInput> input)
            where T : class
        {
            open++;
            var ended = false;
            void End(T? answer)
            {
                if (ended) return;
                ended = true;
                open--;
                Step([input(answer)]);
            }

            host.After(limit, () => End(null));
            begin(End);
        }
    }
}
