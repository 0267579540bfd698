using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Operations;
using Dispatch.Contracts.Runs;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Reading;
using Dispatch.Registry.Workers;
using Dispatch.Simulation.Faults;
using Dispatch.Simulation.Temporal;
using Dispatch.Simulation.Workers;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Checks;

/// <summary>What must hold after every step, and at the end: the hand-over's "To be shown".</summary>
internal sealed class Oracle(World world)
{
    /// <summary>After a thaw: one guard tick, a runtime that is given up, and a moment.</summary>
    private static readonly TimeSpan ThawGrace = TimeSpan.FromMilliseconds(250 + 400 + 150);

    /// <summary>After a host had neither worker nor guard: the worker starts the guard first.</summary>
    private static readonly TimeSpan WatchGrace = TimeSpan.FromMilliseconds(1000 + 400 + 250 + 400);

    private static readonly TimeSpan OfferGrace = TimeSpan.FromSeconds(10);

    /// <summary>A worker that has been well for so long before and after an end keeps what it did.</summary>
    private static readonly TimeSpan WellBefore = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WellAfter = TimeSpan.FromSeconds(15);

    private readonly Dictionary<JobId, List<(Host Host, Container Container)>> running = [];
    private readonly Dictionary<string, Container> containers = [];
    private readonly Dictionary<ConversationId, string> outcomes = [];
    private readonly HashSet<ConversationId> stored = [];
    private readonly HashSet<ConversationId> finishedWell = [];
    private readonly HashSet<ConversationId> disturbed = [];
    private readonly Dictionary<WorkerId, HashSet<LeaseId>> drained = [];
    private readonly Dictionary<ConversationId, TimeSpan> extended = [];
    private bool crowded;

    public string? Violation { get; private set; }

    public bool LeasesChanged { get; set; }

    public int Kills { get; private set; }

    public int ContainersStarted => containers.Count;

    public void Violate(string what)
    {
        if (Violation is not null) return;
        Violation = $"{world.Now.TotalSeconds:0.0000} s: {what}";
        world.Log("VIOLATED", what);
    }

    public void Check()
    {
        if (crowded) CheckCrowds();
        if (!LeasesChanged) return;
        LeasesChanged = false;
        CheckPaused();
        foreach (var host in world.WorkerHosts)
        {
            var record = world.Registry.Now(registry => registry.FindWorkerAsync(host.Worker.Id, default));
            var live = record?.Leases.Count(row => row.Live) ?? 0;
            if (record?.Row.Wish == WorkerWish.Drain) CheckDrained(record);
            else drained.Remove(host.Worker.Id);
            if (live > host.Slots) Violate($"worker {host.Worker.Id} has {live} leases offered or held, of {host.Slots}");
        }
    }

    /// <summary>Whom an operator drains is offered nothing new.</summary>
    private void CheckDrained(WorkerRecord record)
    {
        HashSet<LeaseId> offered = [.. record.Leases.Where(row => row.State == LeaseState.Offered).Select(row => row.Grant!.Lease)];
        if (!drained.TryAdd(record.Row.Worker, offered) && offered.FirstOrDefault(lease => !drained[record.Row.Worker].Contains(lease)) is { Value: not null } anew)
            Violate($"lease {anew} is offered to worker {record.Row.Worker}, which an operator drains");
    }

    public void Started(Host host, Container container)
    {
        containers[container.Id] = container;
        if (!running.TryGetValue(container.Job, out var of)) running[container.Job] = of = [];
        of.Add((host, container));
        crowded |= of.Count > 1;
        if (IsExempt(host, container)) world.Time.At(world.Now + WatchGrace, () => CheckNeeded(host, container));
        else CheckNeeded(host, container);
        if (host.Runtime.Running.Count(one => !IsExempt(host, one)) > host.Slots) Violate($"{host.Machine.Name} runs more containers than its {host.Slots} slots");
    }

    /// <summary>Nothing is run of a job that has its outcome.</summary>
    private void CheckNeeded(Host host, Container container)
    {
        if (container.Phase != Runtimes.ContainerPhase.Running || IsExempt(host, container)) return;
        if (outcomes.TryGetValue(container.Conversation, out var outcome) && outcome != container.Id) Violate($"container {container.Id} of {container.Job} starts although the outcome of {outcome} is stored or recorded");
        if (RowOf(container.Lease) is not { State: not LeaseState.Returned }) Violate($"container {container.Id} of {container.Job} starts on lease {container.Lease}, which was returned or superseded");
        if (finishedWell.Contains(container.Conversation)) Violate($"container {container.Id} of {container.Job} starts although the job has finished on a worker that was well");
    }

    public void Ended(Host host, Container container)
    {
        if (running.TryGetValue(container.Job, out var of)) of.RemoveAll(one => one.Container == container);
        if (IsCutOff(container))
        {
            Kills++;
            if (world.Profile.KillsNothing && !disturbed.Contains(container.Conversation)) Violate($"container {container.Id} of {container.Job} is killed by {container.KilledBy} although one thing alone was away");
        }

        if (container.KilledBy is not null || disturbed.Contains(container.Conversation) || host.TroubledAt > world.Now - WellBefore) return;
        if (!world.Registry.Up || container.Code != 0) return;
        world.Time.At(world.Now + WellAfter, () =>
        {
            if (host.TroubledAt <= world.Now - WellAfter && !disturbed.Contains(container.Conversation)) finishedWell.Add(container.Conversation);
        });
    }

    /// <summary>A worker is back and does not know whether an attempt was started: nobody renews it until its runtime has answered.</summary>
    public void InDoubt(ConversationId conversation)
    {
        if (world.Profile.LooksMost > world.Times.KillBudget.TotalSeconds) disturbed.Add(conversation);
    }

    /// <summary>Somebody asked for something that ends or begins a run again.</summary>
    public void AskedFor(Run run, FaultKind kind)
    {
        if (kind is not (FaultKind.NudgeForged or FaultKind.Pause or FaultKind.Extend)) disturbed.Add(run.Conversation);
        // Who resets a run asks for what came after that moment to be forgotten; what the registry has stays.
        if (kind == FaultKind.Reset && !stored.Contains(run.Conversation)) outcomes.Remove(run.Conversation);
    }

    /// <summary>A step of the workflow.</summary>
    public void Hold(Run run, JobProgress before, JobProgress after)
    {
        try
        {
            OperationGuard.Hold(before, after);
        }
        catch (InvalidOperationException broken)
        {
            Violate($"run {run.RunId}: {broken.Message}");
        }

        // Its history, which a reset may have cut short, has no attempt open; the row may have one.
        if (before is { Phase: JobPhase.Placing or JobPhase.BackingOff } && after is { Phase: JobPhase.Settling or JobPhase.Closed, Ending: not null } && run.WasReset
            && Rows().FirstOrDefault(row => row.Conversation == run.Conversation && row.State == LeaseState.Held) is { } held)
            Violate($"run {run.RunId} is stopped without a word to {held.Grant!.Worker}, which has attempt {held.Attempt}");
    }

    public void Recorded(Run run, IReadOnlyList<Operation> operations)
    {
        if (run.Closed) Violate($"run {run.RunId} records {operations.Count} operations after its close");
    }

    /// <summary>Temporal accepts the end of an activity.</summary>
    public void Accepted(Run run, RunEnd end)
    {
        if (end is RunEnd.Reported reported) Take(run.Conversation, reported.Report, "recorded");
    }

    /// <summary>A worker's statement is executed.</summary>
    public T Watch<T>(object statement, Func<T> execute)
    {
        var held = statement is LeaseReturn { Outcome: null, Failure: null or { NothingStarted: true } } && RowOf(((LeaseReturn)(object)statement).Lease) is { State: LeaseState.Held };
        var result = execute();
        if (held && statement is LeaseReturn given && RowOf(given.Lease) is { State: LeaseState.Returned }
            && running.Values.SelectMany(all => all).FirstOrDefault(one => one.Container.Lease == given.Lease && !IsExempt(one.Host, one.Container)).Container is { } runs)
            Violate($"lease {given.Lease} is returned as never begun while its container {runs.Id} runs");
        if (statement is LeaseReturn { Outcome: { } outcome } returned && RowOf(returned.Lease) is { Outcome: not null } row) Take(row.Conversation, outcome, "stored");
        return result;
    }

    /// <summary>The workflow says to somebody that a command was applied: an extension holds from then on, for every attempt.</summary>
    public void Applied(Run run)
    {
        if (extended.GetValueOrDefault(run.Conversation) >= run.Progress.Run) return;
        extended[run.Conversation] = run.Progress.Run;
        foreach (var (host, container) in running.GetValueOrDefault(run.Job, [])) CheckDeadline(host, container);
    }

    public void Closed(Run run)
    {
        if (run.Report is not { } report) return;
        if (report.Reason == TerminationReason.WorkloadExited && containers.GetValueOrDefault(report.Outcome.Message ?? "") is not { KilledBy: null })
            Violate($"run {run.RunId} closes as exited, and no container ended by itself so ({report.Outcome.Message})");
        if (outcomes.TryGetValue(run.Conversation, out var outcome) && !Fits(report, outcome)) Violate($"run {run.RunId} closes {report.Reason} although the outcome of {outcome} is stored or recorded");
    }

    /// <summary>A worker ends a container at its deadline.</summary>
    public void TimedOut(Host host, Container container)
    {
        container.TimedOutAfter = world.Now - container.RanFrom;
        CheckDeadline(host, container);
    }

    /// <summary>No container is ended before its deadline, or the later one of which somebody was told that it is in force. A reset forgets what came after its moment; a clock that jumps tells a start wrong.</summary>
    private void CheckDeadline(Host host, Container container)
    {
        if (container.TimedOutAfter is not { } ran || host.Machine.WallOffset != TimeSpan.Zero) return;
        if (world.Temporal.Runs.Any(run => run.WasReset && run.Conversation == container.Conversation)) return;
        var moved = extended.TryGetValue(container.Conversation, out var deadline);
        if (!moved) deadline = world.SpecOf(world.Workloads[container.Job].Spec).Timeouts.Run;
        if (ran < deadline * (1 - (2 * world.Profile.Drift))) Violate($"container {container.Id} is ended after {ran.TotalSeconds:0.0} s although its deadline {(moved ? "was moved to" : "is")} {deadline.TotalSeconds:0.0} s");
    }

    /// <summary>What has not ended yet; null where all has.</summary>
    public string? Left()
    {
        if (world.Workloads.Keys.FirstOrDefault(job => world.Temporal.Current(job) is not { Closed: true }) is { Value: not null } open) return $"job {open} is open, {world.Temporal.Current(open)?.Progress.Phase}";
        foreach (var host in world.WorkerHosts)
        {
            if (host.Runtime.All.FirstOrDefault() is { } container) return $"container {container.Id} is left, {container.Phase}";
            if (host.Disk.Attempts.Count > 0) return $"worker {host.Worker.Id} still has {host.Disk.Attempts.First().Key}";
            if (host.Worker is { Up: false, IsRetired: false }) return $"worker {host.Worker.Id} is down";
            var record = world.Registry.Now(registry => registry.FindWorkerAsync(host.Worker.Id, default));
            if (record is null || !record.Free.Covers(record.Row.Total)) return $"capacity of worker {host.Worker.Id} has not come back";
        }

        foreach (var row in Rows())
        {
            if (row.Live) return $"lease {row.Grant?.Lease} of {row.Job} is still {row.State}";
            if (row.SettledAt is null) return $"row {row.Conversation} is not settled ({row.State})";
        }

        return null;
    }

    public void Final()
    {
        foreach (var run in world.Temporal.Runs)
        {
            var broken = OperationLaws.Check(run.Progress.Operations.GetRange(0, run.Progress.Recorded), closed: run.ClosedBy is null);
            if (broken.Count > 0) Violate($"run {run.RunId}: {broken[0].Text}");
        }
    }

    private void Take(ConversationId conversation, ContainerReport report, string how)
    {
        if (report.End != ContainerEnd.Exited || report.Outcome.Message is not { } container) return;
        if (containers.GetValueOrDefault(container) is { } known && IsCutOff(known)) Violate($"the kill of {container} by {known.KilledBy} is {how} as the workload's own end");
        if (report.Outcome.Code == 0 && how == "stored") stored.Add(conversation);
        if (report.Outcome.Code != 0 || !outcomes.TryAdd(conversation, container)) return;
        if (world.Temporal.Runs.LastOrDefault(run => run.Conversation == conversation) is { Report: { } closed } last && !Fits(closed, container))
            Violate($"the outcome of {container} is {how} after run {last.RunId} has closed {closed.Reason}");
    }

    private static bool Fits(JobReport report, string outcome) => report.Outcome.Message == outcome && report.Reason == TerminationReason.WorkloadExited
        || report.Reason is TerminationReason.Cancelled or TerminationReason.CancelledBeforeStart or TerminationReason.ExecutionTimeout;

    private static bool IsCutOff(Container container) =>
        container.KilledBy is "guard" or "worker, PermissionEnded" or "worker, NotYours" or "worker, RunClosed" or "removal";

    private void CheckCrowds()
    {
        crowded = false;
        foreach (var (job, all) in running)
        {
            if (all.Count < 2) continue;
            crowded = true;
            if (all.Count(one => !IsExempt(one.Host, one.Container)) > 1) Violate($"containers {string.Join(" and ", all.Select(one => one.Container.Id))} of job {job} run at once");
        }
    }

    /// <summary>A paused job takes nobody's room: what was on its way when it was paused is given back, or goes on.</summary>
    private void CheckPaused()
    {
        foreach (var run in world.Temporal.Runs)
        {
            if (IsPaused(run) && OfferOf(run) is { } offered) world.Time.At(world.Now + OfferGrace, () =>
            {
                if (IsPaused(run) && OfferOf(run) == offered) Violate($"lease {offered} stays offered to job {run.Job}, which is paused");
            });
        }
    }

    private static bool IsPaused(Run run) => run is { Closed: false, Progress.Paused: true, Task: 0, Events.Count: 0 };

    private LeaseId? OfferOf(Run run) => Rows().FirstOrDefault(row => row.Conversation == run.Conversation && row.State == LeaseState.Offered)?.Grant?.Lease;

    /// <summary>What no software prevents: frozen machines, and hosts that lost worker and guard at once.</summary>
    private bool IsExempt(Host host, Container container) =>
        host.Machine.IsFrozen || world.Now < host.Machine.ThawedAt.Add(host.Machine.ThawedAt == TimeSpan.MinValue ? TimeSpan.Zero : ThawGrace)
        || (!host.Worker.Up && !host.Guard.Up) || (host.UnwatchedAt != TimeSpan.MinValue && world.Now < host.UnwatchedAt + WatchGrace)
        || (host.Runtime.Hangs && !container.IsProcess && (!host.Guard.Up || host.Disk.Attempts.GetValueOrDefault(container.Lease.Value)?.Permission is not { KnowsProcess: true }));

    private JobRow? RowOf(LeaseId lease) => Rows().FirstOrDefault(row => row.Grant?.Lease == lease);

    private IReadOnlyList<JobRow> Rows() => world.Registry.Now(registry => registry.ListJobsAsync(new JobRowQuery { Limit = JobRowQuery.LimitMax }, default)).Rows;
}
