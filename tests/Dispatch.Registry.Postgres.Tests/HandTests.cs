using Dispatch.Contracts.Workers;
using Dispatch.Registry.Leases;
using Dispatch.Registry.Pools;
using Dispatch.Registry.Reading;
using Npgsql;
using Postgres.Fixture;
using Registry.Suite;

namespace Dispatch.Registry.Postgres.Tests;

/// <summary>Rows that somebody edited by hand.</summary>
[Collection(OnServer.Name)]
public sealed class HandTests(OneServer one) : IAsyncLifetime
{
    private readonly OnPostgres maker = new(one);
    private string database = "";
    private Desk desk = null!;

    public async Task InitializeAsync()
    {
        database = await one.NewDatabaseAsync();
        desk = await Desk.OpenAsync(new OnDatabase(maker, database));
        await desk.RegisterAsync("w1");
        await desk.HeldAsync("held", "w1");
        await desk.AskAsync(desk.Ask("waits"));
    }

    public async Task DisposeAsync() => await maker.DisposeAsync();

    [Theory]
    [InlineData("UPDATE dispatch.attempt SET state = 'Waiting' WHERE job = 'held'", "attempt_held_since")]
    [InlineData("UPDATE dispatch.attempt SET state = 'Held' WHERE job = 'waits'", "attempt_held_since")]
    [InlineData("UPDATE dispatch.attempt SET state = 'Offered' WHERE job = 'waits'", "attempt_lease_by_state")]
    [InlineData("UPDATE dispatch.attempt SET state = 'Expired' WHERE job = 'held'", "attempt_over_since")]
    [InlineData("UPDATE dispatch.attempt SET state = 'Running' WHERE job = 'held'", "attempt_state_check")]
    [InlineData("UPDATE dispatch.attempt SET worker = NULL WHERE job = 'held'", "attempt_lease_whole")]
    [InlineData("UPDATE dispatch.attempt SET ended = true WHERE job = 'held'", "attempt_ended_is_over")]
    [InlineData("UPDATE dispatch.attempt SET blocked_by = 'x' WHERE job = 'held'", "attempt_blocked_waits")]
    [InlineData("UPDATE dispatch.attempt SET attempt = 0 WHERE job = 'waits'", "attempt_attempt_check")]
    [InlineData("UPDATE dispatch.lease SET holder = 'w2' WHERE job = 'held'", "lease_check")]
    [InlineData("UPDATE dispatch.worker SET reported = 'Busy' WHERE worker = 'w1'", "worker_reported_check")]
    [InlineData("UPDATE dispatch.worker SET lost = true WHERE worker = 'w1'", "worker_check")]
    [InlineData("INSERT INTO dispatch.lease (lease, job, worker, needs, holder) VALUES ('second', 'held', 'w1', '{}', 'w1')", "lease_one_a_job")]
    public async Task What_contradicts_itself_in_one_table_is_refused_by_the_database(string sql, string constraint)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => PostgresServer.ExecuteAsync(database, sql));
        Assert.Equal(constraint, error.ConstraintName);
    }

    [Theory]
    [InlineData("DELETE FROM dispatch.offer WHERE job = 'held'", "held", "table offer has nothing")]
    [InlineData("UPDATE dispatch.lease SET holder = NULL WHERE job = 'held'", "held", "table lease has nobody as the holder")]
    [InlineData("DELETE FROM dispatch.lease WHERE job = 'held'", "held", "table lease has nobody as the holder")]
    [InlineData("DELETE FROM dispatch.attempt WHERE job = 'held'", "held", "table lease has worker w1 as the holder of its lease lease-1, of which table attempt has nothing")]
    [InlineData("DELETE FROM dispatch.conversation WHERE job = 'held'", "held", "of which table attempt has nothing")]
    [InlineData("DELETE FROM dispatch.queue WHERE job = 'waits'", "waits", "is not in table queue")]
    [InlineData("UPDATE dispatch.attempt SET paused = true WHERE job = 'waits'", "waits", "it is in table queue and cannot be offered")]
    [InlineData("UPDATE dispatch.attempt SET run_id = 'xx' WHERE job = 'held'", "held", "its run_id in table attempt is 'xx', and table job has 'c1'")]
    [InlineData("UPDATE dispatch.conversation SET facts = '{\"pool\": 7}' WHERE job = 'waits'", "waits", "facts")]
    [InlineData("UPDATE dispatch.attempt SET settled_at = now(), nudge_wanted = false, reason = 'Boredom' WHERE job = 'held'", "held", "reason")]
    public async Task What_still_gets_in_is_told_for_that_row_and_does_not_stop_the_others(string sql, string job, string says)
    {
        await PostgresServer.ExecuteAsync(database, sql);
        var error = await Assert.ThrowsAsync<RowsContradictException>(() => desk.RowAsync(job));
        Assert.Contains($"job {job} contradict themselves", error.Message, StringComparison.Ordinal);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("Correct them", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<RowsContradictException>(() => desk.AskAsync(desk.Ask(job)));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);

        // The others go on, in the same batch as the broken one too.
        var beside = Enumerable.Range(0, 8).Select(number => desk.AskAsync(desk.Ask($"beside{number}"))).ToArray();
        var broken = desk.AskAsync(desk.Ask(job));
        Assert.All(await Task.WhenAll(beside), outcome => Assert.True(outcome.Row!.Queued));
        await Assert.ThrowsAsync<RowsContradictException>(() => broken);
        var other = job == "held" ? "waits" : "held";
        Assert.Equal(other, (await desk.RowAsync(other)).Job.Value);
        var listed = (await desk.Registry.ListJobsAsync(new JobRowQuery(), Desk.None)).Rows.Select(row => row.Job.Value).ToArray();
        Assert.Contains(other, listed);
        Assert.DoesNotContain(job, listed);
        Assert.Equal(OfferKind.Offered, (await desk.OfferAsync("beside0", "w1")).Kind);
        Assert.NotEmpty(await desk.Registry.HeadsAsync("default", 10, Desk.None));
    }

    [Fact]
    public async Task Jobs_behind_many_that_cannot_be_read_are_found_all_the_same()
    {
        for (var number = 0; number < 20; number++) await desk.AskAsync(desk.Ask($"a{number}"));
        await PostgresServer.ExecuteAsync(database, "UPDATE dispatch.conversation SET facts = '{}' WHERE job LIKE 'a%'");
        Assert.Equal("waits", (await desk.Registry.HeadsAsync("default", 2, Desk.None)).Single().Heads.Single().Job.Value);
    }

    [Fact]
    public async Task A_worker_goes_on_beside_a_row_that_cannot_be_read_and_is_not_told_to_kill_what_it_has()
    {
        var lease = (await desk.RowAsync("held")).Grant!.Lease;
        var good = await desk.HeldAsync("good", "w1");
        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.offer WHERE job = 'held'");
        var answer = await desk.RenewAsync("w1", lease, good);
        Assert.True(answer.Accepted);
        Assert.Equal(LeaseStanding.Expired, answer.Leases.Single(verdict => verdict.Lease == lease).Standing);
        Assert.Equal(LeaseStanding.Held, answer.Leases.Single(verdict => verdict.Lease == good).Standing);
        await desk.ReturnAsync("w1", good, code: 0);
        Assert.Equal(LeaseState.Returned, (await desk.RowAsync("good")).State);
        Assert.Equal(3, await desk.FreeSlotsAsync("w1"));
    }

    [Theory]
    [InlineData("DELETE FROM dispatch.lease WHERE job = 'held'")]
    [InlineData("DELETE FROM dispatch.job WHERE job = 'held'")]
    [InlineData("DELETE FROM dispatch.lease WHERE job = 'held'; DELETE FROM dispatch.job WHERE job = 'held'")]
    public async Task A_worker_is_not_told_to_kill_what_the_registry_has_forgotten(string sql)
    {
        var lease = (await desk.RowAsync("held")).Grant!.Lease;
        Assert.Equal(LeaseStanding.Held, (await desk.RenewAsync("w1", lease)).Leases.Single().Standing);
        await PostgresServer.ExecuteAsync(database, sql);
        Assert.Equal(LeaseStanding.Expired, (await desk.RenewAsync("w1", lease)).Leases.Single().Standing);
        Assert.Equal(LeaseStanding.Expired, (await desk.RegisterAsync("w1", start: "again", has: lease)).Leases.Single().Standing);
    }

    [Theory]
    [InlineData("attempt")]
    [InlineData("conversation")]
    public async Task A_job_whose_attempt_was_deleted_runs_on_alone_and_is_placed_again_once_its_lease_is_deleted(string table)
    {
        var lease = (await desk.RowAsync("held")).Grant!.Lease;
        Assert.Equal(LeaseStanding.Held, (await desk.RenewAsync("w1", lease)).Leases.Single().Standing);
        await PostgresServer.ExecuteAsync(database, $"DELETE FROM dispatch.{table} WHERE job = 'held'");
        Assert.Equal(LeaseStanding.Expired, (await desk.RenewAsync("w1", lease)).Leases.Single().Standing);
        Assert.Equal(3, await desk.FreeSlotsAsync("w1"));
        var error = await Assert.ThrowsAsync<RowsContradictException>(() => desk.AskAsync(desk.Ask("held", attempt: 2)));
        Assert.Contains($"DELETE FROM dispatch.lease WHERE lease = '{lease}' lets it be placed again", error.Message, StringComparison.Ordinal);
        await PostgresServer.ExecuteAsync(database, $"DELETE FROM dispatch.lease WHERE lease = '{lease}'");
        await desk.RenewAsync("w1");
        Assert.Equal(4, await desk.FreeSlotsAsync("w1"));
        Assert.True((await desk.AskAsync(desk.Ask("held", attempt: 2))).Row!.Queued);
        Assert.Equal(OfferKind.Offered, (await desk.OfferAsync("held", "w1")).Kind);
    }

    [Fact]
    public async Task A_worker_whose_rows_cannot_be_read_gets_no_work_and_the_others_do()
    {
        await desk.RegisterAsync("w2");
        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.worker_start WHERE worker = 'w1'");
        var error = await Assert.ThrowsAsync<RowsContradictException>(() => desk.RenewAsync("w1"));
        Assert.Contains("rows of worker w1 contradict themselves", error.Message, StringComparison.Ordinal);
        var listed = await desk.Registry.ListWorkersAsync(new WorkerQuery(), Desk.None);
        Assert.Equal(["w2"], listed.Workers.Select(record => record.Row.Worker.Value));
        Assert.Equal("w1", Assert.Single(listed.Broken).Worker.Value);
        Assert.Equal(OfferKind.Offered, (await desk.OfferAsync("waits", "w2")).Kind);
    }

    [Theory]
    [InlineData("worker", "unmet = '[{\"x\":1}]'", "column unmet of table worker, at 0, is {\"x\": 1}, and must be a text")]
    [InlineData("worker", "renewed_at = 'infinity'", "column renewed_at of table worker is \"infinity\", and must be a time")]
    [InlineData("worker_start", "labels = '{\"a\":{\"b\":1}}'", "column labels of table worker_start, at a, is {\"b\": 1}, and must be a text")]
    [InlineData("worker_start", "capacity = '{}'", "column capacity of table worker_start lacks cpu, memory_bytes, gpu, units")]
    [InlineData("worker_start", "capacity = capacity - 'cpu'", "column capacity of table worker_start lacks cpu")]
    [InlineData("worker_start", "host = '{}'", "column host of table worker_start lacks machine_id, boot_id, data_directory_id, runtime_ids")]
    public async Task A_worker_whose_rows_cannot_be_read_is_listed_with_table_column_and_what_is_wrong(string table, string edit, string says)
    {
        await PostgresServer.ExecuteAsync(database, $"CREATE TABLE kept AS SELECT * FROM dispatch.{table}; UPDATE dispatch.{table} SET {edit} WHERE worker = 'w1'");
        var broken = Assert.Single((await desk.Registry.ListWorkersAsync(new WorkerQuery(), Desk.None)).Broken);
        Assert.Equal("w1", broken.Worker.Value);
        Assert.Contains(says, broken.Why, StringComparison.Ordinal);
        Assert.Contains("delete its row in table worker", broken.Why, StringComparison.Ordinal);
        Assert.Equal(broken.Why, (await Assert.ThrowsAsync<RowsContradictException>(() => desk.Registry.FindWorkerAsync(new("w1"), Desk.None))).Message);
        var column = edit[..edit.IndexOf(' ', StringComparison.Ordinal)];
        await PostgresServer.ExecuteAsync(database, $"UPDATE dispatch.{table} t SET {column} = k.{column} FROM kept k WHERE k.worker = t.worker");
        var mended = await desk.Registry.ListWorkersAsync(new WorkerQuery(), Desk.None);
        Assert.Empty(mended.Broken);
        Assert.Equal("w1", Assert.Single(mended.Workers).Row.Worker.Value);
    }

    [Theory]
    [InlineData("conversation", "facts = '{\"x\":[1]}'", "column facts of table conversation lacks pool, needs, runtimes, constraints, preferences, labels")]
    [InlineData("conversation", "facts = jsonb_set(facts, '{needs}', '{}')", "column facts of table conversation, at needs, lacks slots, cpu_milli, memory_bytes, gpu, disk_bytes, units")]
    [InlineData("attempt", "queued_at = 'infinity'", "column queued_at of table attempt is \"infinity\", and must be a time")]
    [InlineData("job", "older_runs = '[1]', version = version + 1", "column older_runs of table job, at 0, is 1, and must be a text")]
    [InlineData("offer", "profile = '{}'", "column profile of table offer lacks name, moved_within, heartbeat_timeout, ")]
    public async Task What_is_wrong_with_a_job_s_row_is_told_by_table_and_column(string table, string edit, string says)
    {
        await PostgresServer.ExecuteAsync(database, $"UPDATE dispatch.{table} SET {edit} WHERE job = 'held'");
        Assert.Contains(says, (await Assert.ThrowsAsync<RowsContradictException>(() => desk.RowAsync("held"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_was_edited_is_seen_as_it_is_once_an_offer_has_met_it()
    {
        Assert.Equal(1, (await desk.ViewAsync("w1")).Incarnation);
        await PostgresServer.ExecuteAsync(database, "UPDATE dispatch.worker SET incarnation = 7, silent = true, lost = true, stated = false WHERE worker = 'w1'");
        Assert.Equal(OfferKind.NoRoom, (await desk.OfferAsync("waits", "w1")).Kind);
        var view = await desk.ViewAsync("w1");
        Assert.Equal((7, true), (view.Incarnation, view.Silent));
    }

    [Fact]
    public async Task A_row_that_was_edited_and_is_whole_counts_at_once()
    {
        await PostgresServer.ExecuteAsync(database, "UPDATE dispatch.attempt SET message = 'by hand' WHERE job = 'held'");
        var lease = (await desk.RowAsync("held")).Grant!.Lease;
        await desk.AskAsync(desk.Ask("held"));
        Assert.Equal("by hand", (await desk.RowAsync("held")).Message);
        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.job WHERE job = 'waits'");
        Assert.Null(await desk.Registry.FindJobAsync(new("waits"), Desk.None));
        Assert.True((await desk.AskAsync(desk.Ask("waits"))).Row!.Queued);
        Assert.True((await desk.ConfirmAsync("w1", lease)).Accepted);
        Assert.Equal(3, await desk.FreeSlotsAsync("w1"));
        await PostgresServer.ExecuteAsync(database, "DELETE FROM dispatch.job WHERE job = 'held'");
        Assert.False((await desk.ConfirmAsync("w1", lease)).Accepted);
        Assert.Equal(4, (await desk.Registry.FindWorkerAsync(new("w1"), Desk.None))!.Free.Slots);
    }

    private sealed class OnDatabase(OnPostgres maker, string database) : IRegistryMaker
    {
        public async Task<IRegistry> OpenAsync(PoolSet pools, RegistryOptions options, TimeProvider time, Func<Contracts.Ids.LeaseId> newLease) =>
            await maker.OpenAsync(database, pools, options, time, newLease);

        public ValueTask DisposeAsync() => maker.DisposeAsync();
    }
}
