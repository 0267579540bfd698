using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Ids;
using Dispatch.Placement;
using Dispatch.Workers.Keeper;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Temporal;

/// <summary>
/// Temporal as the hand-over needs it, made by hand: histories, workflow tasks that are done again when their host is gone, activities with their deadlines,
/// cancel, terminate, reset. What it has accepted is kept; only the links to it fail.
/// </summary>
internal sealed class TemporalModel(World world)
{
    private static readonly TimeSpan TaskTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a control may take once its worker has it.</summary>
    private static readonly TimeSpan ControlWithin = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, Run> runs = [];
    private readonly Dictionary<string, List<Activity>> queues = [];
    private readonly Dictionary<string, Activity> byToken = [];
    private int runsStarted;

    public IEnumerable<Run> Runs => runs.Values;

    public Run? Current(JobId job) => runs.Values.LastOrDefault(run => run.Job == job);

    public Run StartRun(JobId job, JobInput.Started started)
    {
        var id = $"{job}-r{++runsStarted}";
        var run = new Run { Job = job, Conversation = new(id), RunId = id, Progress = Fresh(job, new(id), id) };
        runs.Add(id, run);
        world.Log("temporal", $"run {id} starts");
        Append(run, started);
        return run;
    }

    private JobProgress Fresh(JobId job, ConversationId conversation, string runId) => new()
    {
        Facts = new() { Job = job, Conversation = conversation, RunId = runId, TaskQueue = "dispatch", Trigger = "simulation", StartedAt = world.Utc },
    };

    public void Append(Run run, JobInput happened)
    {
        if (run.Closed) return;
        (run.Task != 0 ? run.Buffered : run.Events).Add(happened);
        if (run.Task == 0) Due(run);
    }

    private void Due(Run run)
    {
        if (run.TaskDue || run.Closed) return;
        run.TaskDue = true;
        Offer(run);
    }

    /// <summary>Gives a task to a host that polls; tries again while there is none.</summary>
    private void Offer(Run run)
    {
        world.Time.At(world.Now + world.Chance.Span(0.0005, 0.01), () =>
        {
            if (run.Closed || !run.TaskDue) return;
            var hosts = world.Hosts.Where(host => host.Up && !host.Link.CutForth).ToArray();
            if (hosts.Length == 0)
            {
                world.Time.At(world.Now + TimeSpan.FromSeconds(0.5), () => Offer(run));
                return;
            }

            run.TaskDue = false;
            var task = run.Task = ++run.TasksStarted;
            var host = world.Chance.Of(hosts);
            run.Points.Add(new(run.Progress, [.. run.Events], [.. run.Activities], run.Timers.ToDictionary(timer => timer.Key, timer => (timer.Value, run.Progress.Timers[timer.Key].Due - world.Utc))));
            if (run.Points.Count > 12) run.Points.RemoveAt(0);
            JobInput[] events = [.. run.Events];
            world.Time.At(world.Now + TaskTimeout, () => FailTask(run, task, "times out"));
            host.Link.Tell(() => host.Up, () => host.After(TimeSpan.Zero, () => host.Take(run, task, run.Progress, events)));
        });
    }

    private void FailTask(Run run, int task, string why)
    {
        if (run.Closed || run.Task != task) return;
        world.Log("temporal", $"{run.RunId}: task {task} {why}");
        run.Task = 0;
        run.Events.AddRange(run.Buffered);
        run.Buffered.Clear();
        Due(run);
    }

    /// <summary>A host completes a task: all of it, or nothing where the task is not its own any more.</summary>
    public void Complete(Run run, int task, JobProgress progress, IReadOnlyList<JobAction> commands)
    {
        if (run.Closed || run.Task != task) return;
        if (run.Buffered.Count > 0 && commands.Any(command => command is JobAction.Close))
        {
            FailTask(run, task, "would close before what came meanwhile");
            return;
        }

        run.Task = 0;
        run.Progress = progress;
        (run.Events, run.Buffered) = (run.Buffered, []);
        foreach (var command in commands) Apply(run, command);
        if (run.Events.Count > 0) Due(run);
    }

    private void Apply(Run run, JobAction command)
    {
        switch (command)
        {
            case JobAction.Record record:
                foreach (var operation in record.Operations) world.Log("history", $"{run.RunId}: {operation.Kind} {operation.Attempt}.{operation.Delivery} {operation.Worker}/{operation.Incarnation} {operation.Cause}{operation.Reason}");
                world.Oracle.Recorded(run, record.Operations);
                break;
            case JobAction.Send send:
                Schedule(run, new() { Run = run, Number = ++run.ActivitiesScheduled, Name = "RunContainer", Input = send.Input, Queue = send.Queue, Receipt = send.Receipt, Heartbeat = send.Heartbeat });
                break;
            case JobAction.Control control:
                Schedule(run, new() { Run = run, Number = ++run.ActivitiesScheduled, Name = control.Name, Input = control.Input, Queue = control.Queue, Receipt = control.Receipt, CommandId = control.CommandId });
                break;
            case JobAction.CancelRun:
                if (run.Activities.FirstOrDefault(one => one is { IsRun: true, Closed: false }) is not { } open) break;
                if (open.Started) open.CancelRequested = true;
                else Close(open, new RunEnd.Canceled());
                break;
            case JobAction.StartTimer start:
                run.Timers[start.Timer] = start.Id;
                Fire(run, start.Timer, start.Id, start.After);
                break;
            case JobAction.CancelTimer cancel:
                run.Timers.Remove(cancel.Timer);
                break;
            case JobAction.Answer { Reply.Result.Applied: true }:
                world.Oracle.Applied(run);
                break;
            case JobAction.Close close:
                run.Report = close.Report;
                run.How = close.How;
                CloseRun(run, null);
                break;
            default:
                break;
        }
    }

    private void Fire(Run run, JobTimer timer, int id, TimeSpan after) => world.Time.At(world.Now + after, () =>
    {
        if (run.Closed || run.Timers.GetValueOrDefault(timer) != id) return;
        run.Timers.Remove(timer);
        Append(run, new JobInput.TimerFired(timer, id));
    });

    private void Schedule(Run run, Activity activity)
    {
        run.Activities.Add(activity);
        byToken[activity.Token] = activity;
        if (!queues.TryGetValue(activity.Queue, out var queue)) queues[activity.Queue] = queue = [];
        queue.Add(activity);
        world.Time.At(world.Now + activity.Receipt, () =>
        {
            if (!activity.Started && !activity.Closed) Close(activity, new RunEnd.NotTaken());
        });
        world.Poke(activity.Queue);
    }

    private void Close(Activity activity, RunEnd end, ErrorCode? refusal = null)
    {
        if (activity.Closed || activity.Run.Closed) return;
        activity.Closed = true;
        activity.Run.Activities.Remove(activity);
        if (queues.TryGetValue(activity.Queue, out var queue)) queue.Remove(activity);
        world.Log("temporal", $"{activity.Token} {activity.Name} closes: {World.Short(end)}");
        if (activity.IsRun) Append(activity.Run, new JobInput.RunClosed(end));
        else Append(activity.Run, new JobInput.ControlClosed(activity.CommandId, end is RunEnd.NotTaken ? ErrorCode.WorkerUnreachable : refusal, null));
    }

    private void WatchHeartbeat(Activity activity)
    {
        var due = activity.HeardAt + activity.Heartbeat!.Value;
        world.Time.At(due, () =>
        {
            if (activity.Closed || activity.Run.Closed) return;
            if (world.Now >= activity.HeardAt + activity.Heartbeat.Value) Close(activity, new RunEnd.Silent());
            else WatchHeartbeat(activity);
        });
    }

    private void CloseRun(Run run, string? by)
    {
        run.Closed = true;
        run.ClosedBy = by;
        run.Timers.Clear();
        foreach (var activity in run.Activities) queues.GetValueOrDefault(activity.Queue)?.Remove(activity);
        run.Activities.Clear();
        world.Log("temporal", $"{run.RunId} closes: {by ?? run.Report!.Reason.ToString()}");
        world.Oracle.Closed(run);
    }

    // What workers ask.

    /// <summary>A worker's poll: what waits longest, controls first.</summary>
    public Activity? Poll(string queue)
    {
        if (!queues.TryGetValue(queue, out var waiting) || waiting.Count == 0) return null;
        var next = waiting.Find(one => !one.IsRun) ?? waiting[0];
        waiting.Remove(next);
        next.Started = true;
        next.HeardAt = world.Now;
        if (next.IsRun) WatchHeartbeat(next);
        else world.Time.At(world.Now + ControlWithin, () => Close(next, new RunEnd.NotTaken()));
        return next;
    }

    public void ControlDone(Activity control, ErrorCode? refusal = null) => Close(control, new RunEnd.Canceled(), refusal);

    /// <summary>Null is NOT_FOUND.</summary>
    public TemporalAnswer? Heartbeat(string token)
    {
        if (Open(token) is not { } activity) return null;
        activity.HeardAt = world.Now;
        return activity.CancelRequested ? TemporalAnswer.CancelRequested : TemporalAnswer.Accepted;
    }

    public TemporalAnswer? Report(string token, RunEnd end)
    {
        if (Open(token) is not { } activity) return null;
        world.Oracle.Accepted(activity.Run, end);
        Close(activity, end);
        return TemporalAnswer.Accepted;
    }

    public TemporalAnswer Describe(string runId) => runs[runId].Closed ? TemporalAnswer.RunClosed : TemporalAnswer.RunOpen;

    public RunDescription Describe(JobId job, string runId) => !runs.TryGetValue(runId, out var run) ? new(RunStanding.Unknown)
        : !run.Closed ? new(RunStanding.Open) : new(RunStanding.Closed, run.ClosedBy ?? "WorkflowExecutionCompleted", run.Report?.Reason);

    private Activity? Open(string token) => byToken.TryGetValue(token, out var activity) && activity is { Closed: false, Started: true, Run.Closed: false } ? activity : null;

    // What people do.

    public void Terminate(Run run)
    {
        if (!run.Closed) CloseRun(run, "WorkflowExecutionTerminated");
    }

    /// <summary>A new run of the same conversation from an earlier task: open activities are scheduled anew, open timers armed again, nudges told again.</summary>
    public Run? Reset(Run run)
    {
        if (run.Points.Count == 0) return null;
        var point = world.Chance.Of(run.Points);
        if (!run.Closed) CloseRun(run, "WorkflowExecutionTerminated");
        var id = $"{run.Job}-r{++runsStarted}";
        var copy = new Run
        {
            Job = run.Job,
            Conversation = run.Conversation,
            RunId = id,
            WasReset = true,
            // What a history begins with is kept; who runs it now is another.
            Progress = point.Progress with { Facts = point.Progress.Facts with { RunId = id } },
        };
        runs.Add(id, copy);
        world.Log("temporal", $"{run.RunId} is reset as {id} ({point.Progress.Phase}, {point.Progress.Operations.Count} operations)");
        foreach (var activity in point.Activities)
            Schedule(copy, activity with { Run = copy, Number = ++copy.ActivitiesScheduled, Started = false, Closed = false, CancelRequested = false });
        foreach (var (timer, (timerId, left)) in point.Timers)
        {
            copy.Timers[timer] = timerId;
            Fire(copy, timer, timerId, left);
        }

        copy.Events.AddRange(point.Events);
        Due(copy);
        return copy;
    }
}
