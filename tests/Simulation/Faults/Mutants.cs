using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Reading;
using Dispatch.Simulation.Temporal;
using Dispatch.Workers.Keeper;
using Dispatch.Workflows.Jobs;

namespace Dispatch.Simulation.Faults;

/// <summary>Without the guard.</summary>
internal sealed class NoGuard : Mutant
{
    public override bool GuardWorks => false;
}

/// <summary>The guard looks at a permission when it is asked to start, and not again before it does.</summary>
internal sealed class StartsLate : Mutant
{
    public override bool GuardLooksAtTheStart => false;
}

/// <summary>A disk that is full is lived with: the keeper goes by what it wanted to write.</summary>
internal sealed class StartsUntold : Mutant
{
    public override bool GuardIsTold => false;

    public override AttemptInput ToAttempt(AttemptInput input, TimeSpan now) => input is AttemptInput.PermissionKept ? new AttemptInput.Tick() : input;
}

/// <summary>An extension is answered when a control was, or at once where none is sent; what waits for a control's answer does not go with the next attempt.</summary>
internal sealed class ExtensionsAsTold : Mutant
{
    public override bool Follows(string revision) => revision != JobRevisions.Second;
}

/// <summary>A job that was reset and is stopped while its history has no attempt open ends at once.</summary>
internal sealed class StopsWithoutAsking : Mutant
{
    public override bool Follows(string revision) => revision != JobRevisions.Third;
}

/// <summary>A worker answers an extension when it has the control, whatever the attempt makes of it.</summary>
internal sealed class ExtensionsUnheard : Mutant
{
    public override bool AnswersWhatIsHeard => false;
}

/// <summary>A lease is named once it is kept, not from its confirm on.</summary>
internal sealed class NamedOnceKept : Mutant
{
    public override bool NamesWhatIsTaken => false;
}

/// <summary>A worker takes up what it has, and registers, once its runtimes have answered.</summary>
internal sealed class AsksRuntimesFirst : Mutant
{
    public override bool RegistersFirst => false;
}

/// <summary>What nobody knows to have started is not named.</summary>
internal sealed class DoubtUnnamed : Mutant
{
    public override bool NamesWhatIsInDoubt => false;
}

/// <summary>A kill that finds nothing running leaves what was made, for a start to come.</summary>
internal sealed class LeavesWhatIsUnstarted : Mutant
{
    public override bool RemovesWhatIsUnstarted => false;
}

/// <summary>Timing from the answer, not from sending.</summary>
internal sealed class TimedFromAnswer : Mutant
{
    public override AttemptInput ToAttempt(AttemptInput input, TimeSpan now) => input switch
    {
        AttemptInput.HeartbeatAnswered beat => beat with { SentAt = now },
        AttemptInput.LeaseAnswered lease => lease with { SentAt = now },
        _ => input,
    };
}

/// <summary>Waiting before "lost" on a living host: an intent without a container is lost at once, and what is not there is not removed either.</summary>
internal sealed class LostAtOnce : Mutant
{
    public override bool Does(AttemptAction action, AttemptInput because, AttemptState state) =>
        !(action is AttemptAction.Remove && state is { Inherited: true, StartedAt: null });

    public override AttemptState State(AttemptState state) => state.Phase == AttemptPhase.Awaiting ? state with { Witnesses = new() { Inherited = TimeSpan.FromTicks(1) } } : state;
}

/// <summary>The file written at renewals only.</summary>
internal sealed class FileAtRenewalsOnly : Mutant
{
    public override bool Does(AttemptAction action, AttemptInput because, AttemptState state) => !(action is AttemptAction.WritePermission && because is AttemptInput.HeartbeatAnswered { Answer: TemporalAnswer.Accepted });
}

/// <summary>The lease's end alone lets the next attempt begin: what is in history, or on its way to it, is not looked at.</summary>
internal sealed class LeaseEndAlone : Mutant
{
    public override IReadOnlyList<JobInput> Happened(World world, Run run, JobProgress at, IReadOnlyList<JobInput> happened) =>
        at.Phase == JobPhase.Sent && happened.Any(input => input is JobInput.Nudged or JobInput.TimerFired) && !happened.Any(input => input is JobInput.RunClosed)
            ? [.. happened, new JobInput.RunClosed(new RunEnd.Silent())]
            : happened;
}

/// <summary>A mutant of what the registry does or says.</summary>
internal sealed class RegistryMutant(Func<World, IRegistry, IRegistry> make) : Mutant
{
    private IRegistry? over;

    public override IRegistry Over(World world, IRegistry rows) => over ??= make(world, rows);
}

/// <summary>A heartbeat time-out alone lets the next attempt begin: the lease ends with it.</summary>
internal sealed class HeartbeatAlone(World world, IRegistry rows) : RegistryFilter(rows)
{
    public override async Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken)
    {
        var ask = statement.Ask;
        var row = (await Rows.ListJobsAsync(new JobRowQuery { Limit = JobRowQuery.LimitMax }, cancellationToken)).Rows.FirstOrDefault(one => one.Conversation == ask.Conversation);
        if (row is { State: LeaseState.Held, Grant: { } grant } && ask.Attempt == row.Attempt
            && world.Temporal.Current(ask.Job) is { } run && run.RunId == ask.RunId && run.Activities.Count == 0
            && await Rows.FindWorkerAsync(grant.Worker, cancellationToken) is { } worker)
            await Rows.ExpireAsync(new(grant.Worker, worker.Row.Incarnation, worker.Row.Counter), cancellationToken);
        return await Rows.AskAsync(statement, cancellationToken);
    }
}

/// <summary>Another conversation does not wait.</summary>
internal sealed class NoWait(IRegistry rows) : RegistryFilter(rows)
{
    public override async Task<ExpiryFacts> WatchAsync(CancellationToken cancellationToken)
    {
        var facts = await Rows.WatchAsync(cancellationToken);
        return facts with { Waits = [.. facts.Waits.Select(wait => wait with { HeartbeatTimeout = TimeSpan.Zero })] };
    }
}

/// <summary>Whatever has returned or expired is superseded, seen or not.</summary>
internal sealed class SupersedesUnseen(IRegistry rows) : RegistryFilter(rows)
{
    public override async Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken)
    {
        var row = (await Rows.ListJobsAsync(new JobRowQuery { Limit = JobRowQuery.LimitMax }, cancellationToken)).Rows.FirstOrDefault(one => one.Conversation == statement.Ask.Conversation);
        return await Rows.AskAsync(row?.Grant is { } grant ? statement with { Ask = statement.Ask with { SeenReturned = grant.Lease } } : statement, cancellationToken);
    }
}

/// <summary>The last question is not asked: the answer is that the attempt has ended.</summary>
internal sealed class NoFinalAsk(IRegistry rows) : RegistryFilter(rows)
{
    public override async Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken)
    {
        if (!statement.Ask.Final) return await Rows.AskAsync(statement, cancellationToken);
        var row = (await Rows.ListJobsAsync(new JobRowQuery { Limit = JobRowQuery.LimitMax }, cancellationToken)).Rows.FirstOrDefault(one => one.Conversation == statement.Ask.Conversation);
        return row is null ? await Rows.AskAsync(statement, cancellationToken) : new(AskKind.Row, row with { State = LeaseState.Expired, Outcome = null, Failure = null });
    }
}

/// <summary>A lease that is held already is not confirmed again.</summary>
internal sealed class ConfirmsOnce(IRegistry rows) : RegistryFilter(rows)
{
    public override async Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken) =>
        (await Rows.FindWorkerAsync(confirmation.Worker, cancellationToken))?.Leases.FirstOrDefault(row => row.Grant?.Lease == confirmation.Lease) is { State: LeaseState.Held }
            ? new() { Accepted = false, Why = "it is held already" }
            : await Rows.ConfirmAsync(confirmation, cancellationToken);
}

/// <summary>A renewal's answer does not name what the worker did not.</summary>
internal sealed class SilentAnswers(IRegistry rows) : RegistryFilter(rows)
{
    public override async Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken) => await Rows.RenewAsync(renewal, cancellationToken) with { Unnamed = [] };
}

/// <summary>What was named once stays named: a renewal only adds.</summary>
internal sealed class NamedForEver(IRegistry rows) : RegistryFilter(rows)
{
    private readonly Dictionary<(Contracts.Ids.WorkerId, long), Dictionary<Contracts.Ids.LeaseId, LeaseStatement>> named = [];

    public override Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken)
    {
        var key = (renewal.Worker, renewal.Incarnation);
        if (!named.TryGetValue(key, out var all)) named[key] = all = [];
        foreach (var one in renewal.Has) all[one.Lease] = one;
        return Rows.RenewAsync(renewal with { Has = [.. all.Values] }, cancellationToken);
    }
}

/// <summary>The sweeper leaves offers alone.</summary>
internal sealed class OffersUnswept(IRegistry rows) : RegistryFilter(rows)
{
    public override Task<JobRowPage> ListJobsAsync(JobRowQuery query, CancellationToken cancellationToken) =>
        query.States.Contains(LeaseState.Offered) ? Task.FromResult(new JobRowPage([], null)) : Rows.ListJobsAsync(query, cancellationToken);
}

/// <summary>Asks bear no number: one of a host that is dead by now counts whenever it arrives.</summary>
internal sealed class UnnumberedAsks(IRegistry rows) : RegistryFilter(rows)
{
    private int number = 1_000_000;

    public override Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken) =>
        Rows.AskAsync(statement with { Ask = statement.Ask with { Ask = ++number } }, cancellationToken);

    public override Task SettleAsync(Settlement settlement, CancellationToken cancellationToken) => Rows.SettleAsync(settlement with { Ask = int.MaxValue }, cancellationToken);
}

/// <summary>A worker's statements bear no number: one that is late counts as if it were new.</summary>
internal sealed class UnnumberedStatements(IRegistry rows) : RegistryFilter(rows)
{
    private const long Same = 1;

    public override Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken) => Rows.RenewAsync(renewal with { Call = Same }, cancellationToken);

    public override Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken) => Rows.ConfirmAsync(confirmation with { Call = Same }, cancellationToken);

    public override Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken) => Rows.ReturnAsync(leaseReturn with { Call = Same }, cancellationToken);
}
