using Dispatch.Contracts;
using Dispatch.Contracts.Errors;
using Dispatch.Contracts.Jobs;
using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Postgres.Presence;
using Npgsql;
using Postgres.Fixture;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>All processes of a database go by the same options of its pools.</summary>
[Collection(OnServer.Name)]
public sealed class PoolRecordTests(OneServer one) : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly PoolSet Normal = new([new PoolOptions { Admission = new Admission { Mounts = ["/b", "/a"] } }]);
    private static readonly PoolSet Fast = new([new PoolOptions { Profile = TimeProfile.Fast, WaitingMax = 7 }]);

    private readonly OnPostgres maker = new(one);
    private string database = "";

    public async Task InitializeAsync() => database = await one.NewDatabaseAsync();

    public async Task DisposeAsync() => await maker.DisposeAsync();

    [Fact]
    public async Task What_the_first_process_has_the_others_must_have_and_all_that_differs_is_named_with_both_values()
    {
        await maker.OpenAsync(database, Normal);
        await maker.OpenAsync(database, new PoolSet([new PoolOptions { Admission = new Admission { Mounts = ["/a", "/b"] } }]));
        var error = await Assert.ThrowsAnyAsync<DispatchException>(() => maker.OpenAsync(database, Fast));
        Assert.Contains("pool default: profile is \"normal\" as recorded and \"fast\" in this process", error.Message, StringComparison.Ordinal);
        Assert.Contains("pool default: waiting-max is \"100000\" as recorded and \"7\" in this process", error.Message, StringComparison.Ordinal);
        Assert.Contains("pool default: allow-mount is \"/a, /b\" as recorded and \"none\" in this process", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("times of the profile", error.Message, StringComparison.Ordinal);
        Assert.Contains("dispatch configure", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAnyAsync<DispatchException>(() => maker.OpenAsync(database, new PoolSet([.. Normal.All, new PoolOptions { Name = "gpu" }])));
        Assert.Contains("pool gpu is not recorded and this process has one of that name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_of_one_name_that_differ_between_two_versions_are_told()
    {
        await maker.OpenAsync(database, Normal);
        var longer = TimeProfile.Normal with { Lease = TimeSpan.FromSeconds(21) };
        var error = await Assert.ThrowsAnyAsync<DispatchException>(() => maker.OpenAsync(database, new PoolSet([Normal.All[0] with { Profile = longer }])));
        Assert.Contains("times of the profile is \"moved within 25 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("lease 21 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_first_processes_one_records_and_the_others_go_by_it()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            try
            {
                await maker.OpenAsync(database, number % 2 == 0 ? Normal : Fast);
                return number % 2;
            }
            catch (DispatchException)
            {
                return -1;
            }
        }));
        Assert.Equal(3, opened.Count(kind => kind == -1));
        Assert.Single(opened.Where(kind => kind != -1).Distinct());
    }

    [Fact]
    public async Task They_are_changed_only_while_no_process_has_them_and_then_hold_for_all()
    {
        var process = await maker.OpenAsync(database, Normal);
        var refused = await ChangeAsync(Fast);
        Assert.False(refused.Changed);
        Assert.Contains("is open in 1 process", refused.Message, StringComparison.Ordinal);
        await process.DisposeAsync();
        var changed = await ChangeAsync(Fast);
        Assert.True(changed.Changed, changed.Message);
        Assert.Contains("profile is \"fast\", was \"normal\"", changed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<DispatchException>(() => maker.OpenAsync(database, Normal));
        await maker.OpenAsync(database, Fast);
    }

    [Fact]
    public async Task A_process_that_is_just_leaving_is_waited_for()
    {
        await (await maker.OpenAsync(database, Normal)).DisposeAsync();
        await using var hand = new NpgsqlConnection(database + ";Pooling=false");
        await hand.OpenAsync();
        await ExecuteAsync(hand, $"SELECT pg_advisory_lock_shared({Entrance.PresenceLock})");
        var changing = ChangeAsync(Fast);
        await UntilAsync(() => CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"));
        await hand.CloseAsync();
        var changed = await changing;
        Assert.True(changed.Changed, changed.Message);
    }

    [Fact]
    public async Task Times_are_not_changed_under_a_worker_that_may_live_or_a_lease_that_may_run()
    {
        var desk = await DeskAsync(Normal);
        await desk.RegisterAsync("w1");
        await desk.HeldAsync("j", "w1");
        await ((PostgresRegistry)desk.Registry).DisposeAsync();
        var refused = await ChangeAsync(Fast);
        Assert.False(refused.Changed);
        Assert.Contains("worker w1 may still run", refused.Message, StringComparison.Ordinal);
        // What is not a time may change.
        Assert.True((await ChangeAsync(new PoolSet([new PoolOptions { WaitingMax = 8 }]))).Changed);

        await PostgresServer.ExecuteAsync(database, "UPDATE dispatch.worker SET silent = true, lost = true, stated = false");
        refused = await ChangeAsync(Fast);
        Assert.False(refused.Changed);
        Assert.Contains("job j may still run", refused.Message, StringComparison.Ordinal);
        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.job");
        var changed = await ChangeAsync(Fast);
        Assert.True(changed.Changed, changed.Message);
        Assert.Contains("forgotten, with what was wanted of them: w1", changed.Message, StringComparison.Ordinal);

        // The lost one is back: it must register again, and is told the new times.
        desk = await DeskAsync(Fast);
        var answer = await desk.Registry.RenewAsync(new WorkerRenewal { Worker = new("w1"), Incarnation = 1, Call = 9, State = WorkerState.Ready, Has = [] }, Desk.None);
        Assert.True(answer.RegisterAgain);
    }

    [Fact]
    public async Task Times_are_changed_beside_an_expired_lease_only_where_its_job_is_closed()
    {
        var desk = await DeskAsync(Fast);
        await desk.RegisterAsync("w1");
        await desk.HeldAsync("closed", "w1");
        await desk.HeldAsync("open", "w1");
        await desk.PassAsync(10);
        Assert.Equal(LeaseState.Expired, (await desk.RowAsync("closed")).State);
        await desk.SettleAsync("closed");
        await ((PostgresRegistry)desk.Registry).DisposeAsync();
        var refused = await ChangeAsync(Normal);
        Assert.False(refused.Changed);
        Assert.Contains("job open may still run", refused.Message, StringComparison.Ordinal);

        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.job WHERE job = 'open'");
        var changed = await ChangeAsync(Normal);
        Assert.True(changed.Changed, changed.Message);

        // Another conversation of the job waits for the lease by the times that were in force for it.
        desk = await DeskAsync(Normal);
        var ask = desk.Ask("closed", conversation: "c2", run: "c2");
        Assert.Equal(AskKind.RunUnknown, (await desk.AskAsync(ask)).Kind);
        Assert.True(await desk.Registry.AdoptRunAsync(new(ask.Job, ask.Conversation, "c2", "c1"), Desk.None));
        Assert.NotNull((await desk.AskAsync(ask)).Row!.BlockedBy);
        Assert.Equal(TimeProfile.Fast.HeartbeatTimeout, Assert.Single((await desk.Registry.WatchAsync(Desk.None)).Waits).HeartbeatTimeout);
        await desk.PassAsync(7);
        Assert.Null((await desk.RowAsync("closed")).BlockedBy);

        // Its worker may be back: it is told the new times.
        Assert.Equal(TimeProfile.Normal, (await desk.RegisterAsync("w1", start: "start-2", last: 1)).Profile);
    }

    [Fact]
    public async Task A_process_that_was_cut_off_while_they_were_changed_works_with_the_database_no_more()
    {
        var process = await maker.OpenAsync(database, Normal);
        await using var hand = new NpgsqlConnection(database + ";Pooling=false;Search Path=dispatch");
        await hand.OpenAsync();
        var alone = ExecuteAsync(hand, $"SELECT pg_advisory_lock({0x64697370_70726573})");
        await UntilAsync(() => CountAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"));
        await PostgresServer.ExecuteAsync(database, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
        await alone;
        await ExecuteAsync(hand, "UPDATE pool SET options = jsonb_set(options, '{router}', '\"packed\"')");
        await hand.CloseAsync();

        var ended = await Assert.ThrowsAnyAsync<DispatchException>(() => process.Ended.WaitAsync(Deadline));
        Assert.Contains("router is \"packed\" as recorded", ended.Message, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAnyAsync<DispatchException>(() => process.FindJobAsync(new("j"), Desk.None));
        Assert.Equal(ended.Message, refused.Message);
    }

    [Fact]
    public async Task Who_must_have_the_database_alone_has_it_alone()
    {
        var alone = new PostgresOptions { Alone = true, CallWithin = TimeSpan.FromSeconds(30) };
        var first = await maker.OpenAsync(database, Normal, postgres: alone);
        var error = await Assert.ThrowsAnyAsync<DispatchException>(() => maker.OpenAsync(database, Normal));
        Assert.Contains("is open in a `dispatch dev`", error.Message, StringComparison.Ordinal);
        await first.DisposeAsync();
        await maker.OpenAsync(database, Normal);
        error = await Assert.ThrowsAnyAsync<DispatchException>(() => maker.OpenAsync(database, Normal, postgres: alone));
        Assert.Contains("a database of its own", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_processes_work_with_the_Temporal_namespace_of_the_first_and_one_verb_forgets_it_while_none_has_the_database()
    {
        var (one, other) = (new TemporalNamespace("11", "default"), new TemporalNamespace("22", "default"));
        var first = await maker.OpenAsync(database, Normal, postgres: On(one));
        await maker.OpenAsync(database, Normal, postgres: On(one with { Name = "renamed" }));
        var error = await Assert.ThrowsAnyAsync<DispatchException>(() => maker.OpenAsync(database, Normal, postgres: On(other)));
        Assert.Contains("has the jobs of Temporal namespace 'default' (id 11), and this process works with namespace 'default' (id 22)", error.Message, StringComparison.Ordinal);
        Assert.Contains("dispatch configure --forget-temporal", error.Message, StringComparison.Ordinal);
        Assert.Contains("is open in 2 processes", (await ForgetAsync()).Message, StringComparison.Ordinal);

        await maker.DisposeAsync();
        var forgotten = await ForgetAsync();
        Assert.True(forgotten.Changed);
        Assert.Contains("has forgotten Temporal namespace 'default' (id 11)", forgotten.Message, StringComparison.Ordinal);
        Assert.Contains("records no Temporal namespace", (await ForgetAsync()).Message, StringComparison.Ordinal);
        await maker.OpenAsync(database, Normal, postgres: On(other));
        Assert.False(first.Ended.IsFaulted);
    }

    [Fact]
    public async Task Of_first_processes_on_several_Temporals_one_records_and_the_others_stay_out()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            try
            {
                await maker.OpenAsync(database, Normal, postgres: On(new($"{number % 2}", "default")));
                return number % 2;
            }
            catch (DispatchException)
            {
                return -1;
            }
        }));
        Assert.Equal(3, opened.Count(kind => kind == -1));
        Assert.Single(opened.Where(kind => kind != -1).Distinct());
    }

    private static PostgresOptions On(TemporalNamespace temporal) => new() { Temporal = temporal, CallWithin = TimeSpan.FromSeconds(30) };

    private Task<PoolChange> ForgetAsync() => PoolChanges.ForgetTemporalAsync(DatabaseAddress.Parse(database), Desk.None);

    private async Task<Desk> DeskAsync(PoolSet pools) => await Desk.OpenAsync(new With(maker, database, pools));

    private Task<PoolChange> ChangeAsync(PoolSet pools) => PoolChanges.ApplyAsync(DatabaseAddress.Parse(database), pools, Desk.None);

    private async Task<bool> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())! > 0;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)Deadline.TotalSeconds };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await holds()) await Task.Delay(TimeSpan.FromMilliseconds(10), deadline.Token);
    }

    private sealed class With(OnPostgres maker, string database, PoolSet own) : IRegistryMaker
    {
        public async Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<Contracts.Ids.LeaseId> newLease) =>
            await maker.OpenAsync(database, own, options, time, newLease);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
