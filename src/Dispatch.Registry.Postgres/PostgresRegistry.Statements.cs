using Dapper;
using Dispatch.Contracts.Ids;
using Dispatch.Contracts.Placing;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Expiry;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Postgres.Slices;
using Dispatch.Registry.Workers;

namespace Dispatch.Registry.Postgres;

/// <content>The statements: which rows each needs, as far as is known before; what is decided is the book's.</content>
public sealed partial class PostgresRegistry
{
    private const int PurgeAtOnce = 500;

    /// <inheritdoc/>
    public Task<AskOutcome> AskAsync(AskStatement statement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var ask = statement.Ask;
        return statement.AtOnce is null ? lanes.RunAskAsync(Keys, book => book.Ask(statement), cancellationToken) : lanes.RunAsync(Keys, book => book.Ask(statement), cancellationToken);

        void Keys(SliceKeys keys)
        {
            AddJob(keys, ask.Job);
            if (statement.AtOnce is { } offer) keys.Workers.Add(offer.Worker);
            if (jobs.Known(ask.Job)?.State.RowOf(ask.Conversation) is not null) return;
            if (ask is { Attempt: 1, Ask: 1 }) keys.Newcomers.Add(ask.Job);
            keys.Numbers++;
            keys.Pools.Add(statement.Facts.Pool);
        }
    }

    /// <inheritdoc/>
    public Task<bool> AdoptRunAsync(RunAdoption adoption, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(adoption);
        return lanes.RunAsync(keys => AddJob(keys, adoption.Job), book => book.AdoptRun(adoption), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<OfferOutcome> OfferAsync(OfferStatement offer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(offer);
        var outcome = await lanes.RunAsync(
            keys =>
            {
                AddJob(keys, offer.Job);
                keys.Workers.Add(offer.Worker);
            },
            book => book.Offer(offer),
            cancellationToken).ConfigureAwait(false);
        // Whoever chose it goes by what is remembered: of what was edited by hand nobody tells.
        if (outcome.Kind == OfferKind.NoRoom) workers.Miss(offer.Worker);
        return outcome;
    }

    /// <inheritdoc/>
    public Task SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        return lanes.RunAsync(keys => AddJob(keys, settlement.Job), book => book.Settle(settlement), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> LiftAsync(BlockedWait wait, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wait);
        return lanes.RunAsync(keys => AddJob(keys, wait.Job), book => book.Lift(wait), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<WorkerRegistered> RegisterAsync(WorkerRegistration registration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registration);
        await MakeRoomForWorkerAsync(registration.Worker, cancellationToken).ConfigureAwait(false);
        return await lanes.RunAsync(
            keys =>
            {
                keys.Whole.Add(registration.Worker);
                keys.NewWorker = true;
                foreach (var named in registration.Has) keys.Leases.Add(named.Lease);
            },
            book => book.Register(registration),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<RenewalAnswer> RenewAsync(WorkerRenewal renewal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(renewal);
        return lanes.RunAsync(
            keys =>
            {
                keys.Whole.Add(renewal.Worker);
                foreach (var named in renewal.Has) keys.Leases.Add(named.Lease);
            },
            book => book.Renew(renewal),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ConfirmAnswer> ConfirmAsync(LeaseConfirmation confirmation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(confirmation);
        return lanes.RunAsync(
            keys =>
            {
                keys.Workers.Add(confirmation.Worker);
                keys.Leases.Add(confirmation.Lease);
            },
            book => book.Confirm(confirmation),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReturnAsync(LeaseReturn leaseReturn, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leaseReturn);
        return lanes.RunAsync(
            keys =>
            {
                keys.Workers.Add(leaseReturn.Worker);
                keys.Leases.Add(leaseReturn.Lease);
            },
            book =>
            {
                book.Return(leaseReturn);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> FallSilentAsync(WorkerSilence silence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        return lanes.RunAsync(keys => keys.Workers.Add(silence.Worker), book => book.FallSilent(silence), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<int> ExpireAsync(WorkerSilence silence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(silence);
        return lanes.RunAsync(keys => keys.Whole.Add(silence.Worker), book => book.Expire(silence), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<WorkerRow?> WishAsync(WishStatement wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        return lanes.RunAsync(keys => keys.Workers.Add(wish.Worker), book => book.Wish(wish), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> ClaimNudgeAsync(JobId job, string runId, CancellationToken cancellationToken)
    {
        // Every ask raises the revision: what is due after it is another nudge. The claim is no part of the job, and its version stays.
        const string sql = """
            UPDATE attempt SET nudged_revision = revision
            WHERE job = @job AND run_id = @runId AND nudge_due AND nudged_revision IS DISTINCT FROM revision
            """;
        return database.UseAsync(async (connection, token) => await connection.ExecuteAsync(Command(sql, new { job = job.Value, runId }, token)).ConfigureAwait(false) > 0, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        const string candidates = """
            SELECT a.job AS "Job", a.conversation AS "Conversation", to_json(a.settled_at)::text AS "SettledAt" FROM attempt a
            WHERE a.settled_at IS NOT NULL AND a.state <> 'Held' AND (a.settled_at < @before OR a.state <> 'Expired' OR a.ended)
            ORDER BY a.settled_at, a.number
            LIMIT greatest(0, least(@most, greatest(
                (SELECT count(*) FROM attempt WHERE settled_at IS NOT NULL) - @kept,
                (SELECT count(*) FROM (SELECT 1 FROM attempt WHERE settled_at < @before LIMIT @most) old))))
            """;
        const string forget = """
            DELETE FROM lease WHERE spent <= (SELECT max(spent) FROM lease WHERE spent IS NOT NULL) - @remembered
            """;
        var removed = 0;
        while (true)
        {
            var arguments = new { before = time.GetUtcNow() - options.SettledKept, most = PurgeAtOnce, kept = options.SettledRowsMax };
            var found = (await database.UseAsync((connection, token) => connection.QueryAsync<Settled>(Command(candidates, arguments, token)), cancellationToken).ConfigureAwait(false)).ToArray();
            var gone = found.Length == 0 ? 0 : await lanes.RunAsync(
                keys => keys.Jobs.UnionWith(found.Select(row => new JobId(row.Job))),
                book => found.Count(row => book.Remove(new JobId(row.Job), new ConversationId(row.Conversation), row.At)),
                cancellationToken).ConfigureAwait(false);
            removed += gone;
            if (gone < PurgeAtOnce) break;
        }

        await database.UseAsync((connection, token) => connection.ExecuteAsync(Command(forget, new { remembered = (long)options.SpentLeasesMax }, token)), cancellationToken).ConfigureAwait(false);
        return removed;
    }

    /// <summary>The job, and the worker that its present leases are on: whatever ends one of them changes what that worker has.</summary>
    private void AddJob(SliceKeys keys, JobId job)
    {
        keys.Jobs.Add(job);
        if (jobs.Known(job) is not { } known) return;
        foreach (var row in known.State.Rows)
        {
            if (row.Grant is { } grant && (row.Live || row.MayRun)) keys.Workers.Add(grant.Worker);
        }
    }

    /// <summary>Where there are as many workers as there may be, one that is gone for longest makes room for a new one.</summary>
    private async Task MakeRoomForWorkerAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        const string forget = """
            DELETE FROM worker WHERE (SELECT count(*) FROM worker) >= @most AND NOT EXISTS (SELECT 1 FROM worker WHERE worker = @worker) AND worker = (
                SELECT w.worker FROM worker w WHERE (w.lost OR w.reported = 'Stopped') AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.holder = w.worker)
                ORDER BY w.renewed_at LIMIT 1)
            """;
        if (workers.Known([worker]).Count > 0) return;
        await database.UseAsync((connection, token) => connection.ExecuteAsync(Command(forget, new { most = (long)options.WorkersMax, worker = worker.Value }, token)), cancellationToken).ConfigureAwait(false);
    }

    private CommandDefinition Command(string sql, object? arguments, CancellationToken cancellationToken) =>
        new(sql, arguments, commandTimeout: Math.Max(1, (int)Math.Ceiling(postgres.CallWithin.TotalSeconds)), cancellationToken: cancellationToken);

    private sealed record Settled(string Job, string Conversation, string SettledAt)
    {
        public DateTimeOffset At => Rows.RowJson.Read<DateTimeOffset>(SettledAt);
    }
}
