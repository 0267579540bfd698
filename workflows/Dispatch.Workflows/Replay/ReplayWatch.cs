using Dispatch.Workflows.Jobs;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Dispatch.Workflows.Replay;

/// <summary>Notes what a replayed job asks of Temporal, with what: the SDK itself compares little more than kinds.</summary>
internal sealed class ReplayWatch : IWorkerInterceptor
{
    private readonly Dictionary<string, ScheduleActivityInput> activities = [];
    private readonly Dictionary<string, TimeSpan> timers = [];
    private readonly Dictionary<string, RunOutcome> updates = [];
    private readonly List<IReadOnlyCollection<SearchAttributeUpdate>> indexed = [];
    private readonly List<IReadOnlyCollection<MemoUpdate>> noted = [];
    private readonly SortedSet<string> paths = new(StringComparer.Ordinal);
    private int activityCount;

    /// <summary>The job, once it has begun.</summary>
    public JobWorkflow? Job { get; private set; }

    /// <summary>How the run closed; null while it has not.</summary>
    public RunOutcome? Closed { get; private set; }

    /// <summary>By activity id. Local activities take ids of the same sequence and are not here.</summary>
    public IReadOnlyDictionary<string, ScheduleActivityInput> Activities => activities;

    /// <summary>Lengths by timer id.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Timers => timers;

    /// <summary>How each update closed, by its id; without those that have not.</summary>
    public IReadOnlyDictionary<string, RunOutcome> Updates => updates;

    /// <summary>The search attributes as they were written, in order.</summary>
    public IReadOnlyList<IReadOnlyCollection<SearchAttributeUpdate>> Indexed => indexed;

    /// <summary>The memo entries as they were written, in order.</summary>
    public IReadOnlyList<IReadOnlyCollection<MemoUpdate>> Noted => noted;

    /// <summary>The branches of the machine that were taken.</summary>
    public IReadOnlyList<string> Paths => [.. paths];

    /// <inheritdoc/>
    public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor, this);

    /// <summary>How a run or an update closed: one of both is set, or the result is none.</summary>
    internal sealed record RunOutcome(object? Result, Exception? Fault);

    private sealed class Inbound(WorkflowInboundInterceptor next, ReplayWatch watch) : WorkflowInboundInterceptor(next)
    {
        public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(outbound, watch));

        public override async Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
        {
            watch.Job = (JobWorkflow)input.Instance;
            watch.Job.Watch = path => watch.paths.Add(path);
            watch.Job.Indexed = watch.indexed.Add;
            watch.Job.Noted = watch.noted.Add;
            return await NoteAsync(base.ExecuteWorkflowAsync(input), closed => watch.Closed = closed);
        }

        public override Task<object?> HandleUpdateAsync(HandleUpdateInput input) =>
            NoteAsync(base.HandleUpdateAsync(input), closed => watch.updates[input.Id] = closed);

        private static async Task<object?> NoteAsync(Task<object?> call, Action<RunOutcome> note)
        {
            try
            {
                var result = await call;
                note(new(result, null));
                return result;
            }
            catch (Exception fault)
            {
                note(new(null, fault));
                throw;
            }
        }
    }

    private sealed class Outbound(WorkflowOutboundInterceptor next, ReplayWatch watch) : WorkflowOutboundInterceptor(next)
    {
        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input)
        {
            watch.activities[$"{++watch.activityCount}"] = input;
            return base.ScheduleActivityAsync<TResult>(input);
        }

        public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input)
        {
            watch.activityCount++;
            return base.ScheduleLocalActivityAsync<TResult>(input);
        }

        public override Task DelayAsync(DelayAsyncInput input)
        {
            watch.timers[$"{watch.timers.Count + 1}"] = input.Delay;
            return base.DelayAsync(input);
        }
    }
}
